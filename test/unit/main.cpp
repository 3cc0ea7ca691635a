// Unit tests of the core. MQ_SEED=n repeats a run of the random tests.
#include <gtest/gtest.h>

#include "random_mask.h"

int main(int argc, char **argv)
{
    testing::InitGoogleTest(&argc, argv);
    mq::test::seed();
    return RUN_ALL_TESTS();
}
