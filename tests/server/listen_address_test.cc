#include "server/listen_address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace auscult::server {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

struct Case {
  const char* address;
  bool tls, authentication;
  const char* missing;  // "": it may
};

TEST(Listening, NeedsTlsAndAuthenticationWhereOthersCanReachIt) {
  constexpr char kTls[] = "there is no TLS", kCallers[] = "nobody is asked who he is";
  for (const Case& one :
       {Case{"127.0.0.1:7070", false, false, ""}, Case{"127.9.8.7:7070", false, false, ""},
        Case{"localhost:7070", false, false, ""}, Case{"[::1]:7070", false, false, ""},
        Case{"127.0.0.1:7070", true, false, ""}, Case{"127.0.0.1:7070", false, true, ""},
        Case{"0.0.0.0:7070", false, false, kTls}, Case{"[::]:7070", false, false, kTls},
        Case{"*:7070", false, false, kTls}, Case{":7070", false, false, kTls},
        Case{"192.0.2.1:7070", false, false, kTls}, Case{"10.0.0.1:7070", false, true, kTls},
        Case{"[fe80::1]:7070", false, true, kTls},
        Case{"[::ffff:127.0.0.1]:7070", false, false, kTls},
        Case{"0.0.0.0:7070", true, false, kCallers},
        Case{"[2001:db8::1]:7070", true, false, kCallers}, Case{"0.0.0.0:7070", true, true, ""},
        Case{"[::]:7070", true, true, ""}, Case{"192.0.2.1:7070", true, true, ""}}) {
    SCOPED_TRACE(std::string(one.address) + (one.tls ? " TLS" : "") +
                 (one.authentication ? " authentication" : ""));
    const auto address = ParseListenAddress("listen", one.address);
    ASSERT_TRUE(address.ok()) << address.status();
    const absl::Status may = MayListen("listen", *address, {one.tls, one.authentication});
    EXPECT_EQ(may.ok(), one.missing[0] == '\0');
    EXPECT_EQ(may.ok() ? absl::StatusCode::kFailedPrecondition : may.code(),
              absl::StatusCode::kFailedPrecondition);
    EXPECT_THAT(std::string(may.message()), HasSubstr(one.missing));
    if (!may.ok()) {
      EXPECT_THAT(std::string(may.message()), AllOf(HasSubstr("listen: "), HasSubstr("127.0.0.1")));
    }
  }
}

TEST(Listening, IsOnNumericAddresses) {
  for (const char* text : {"127.0.0.1", "localhost:http", "127.0.0.1:65536", "::1:7070", "",
                           "plant.example:7070", "300.0.0.1:7070", "[::1:7070", "127.0.0.1:-1"}) {
    SCOPED_TRACE(text);
    const auto address = ParseListenAddress("rest_listen", text);
    EXPECT_EQ(address.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(address.status().message()), HasSubstr("rest_listen: "));
  }
}

}  // namespace
}  // namespace auscult::server
