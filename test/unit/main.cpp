// Unit tests of the core. MQ_SEED=n repeats a run of the random tests. The last line is "N passed,
// N failed".
#include <gtest/gtest.h>

#include <cstdio>

#include "random_mask.h"

int main(int argc, char **argv)
{
    testing::InitGoogleTest(&argc, argv);
    mq::test::seed();
    int status = RUN_ALL_TESTS();
    const testing::UnitTest &all = *testing::UnitTest::GetInstance();
    printf("%d passed, %d failed\n", all.successful_test_count(), all.failed_test_count());
    return status;
}
