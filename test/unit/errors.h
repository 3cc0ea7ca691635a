// Checks of what the core reports when it fails.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "core/base/error.h"

namespace mq::test
{

// That the error has this code, that `words` stands in its message, detail or hint, and that it is
// fit to be shown: a hint, a message in lower case without a full stop, sentences elsewhere.
inline void expect_error(const Error &err, ErrorCode code, const std::string &words)
{
    std::string message = err.message, detail = err.detail, hint = err.hint;
    EXPECT_EQ(int(err.code), int(code)) << message;
    std::string all = message + "\n" + detail + "\n" + hint;
    EXPECT_NE(all.find(words), std::string::npos) << all << "\nlacks: " << words;
    EXPECT_FALSE(message.empty());
    EXPECT_NE(message.back(), '.') << message;
    EXPECT_FALSE(hint.empty()) << message;
    for (const std::string &sentence : {detail, hint}) {
        if (!sentence.empty()) {
            EXPECT_EQ(sentence.back(), '.') << sentence;
        }
    }
    for (char c : all)
        EXPECT_TRUE(c == '\n' || (c >= ' ' && c <= '~')) << all;
}

} // namespace mq::test
