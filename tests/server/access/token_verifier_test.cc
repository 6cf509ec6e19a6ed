#include "server/access/token_verifier.h"

#include <gtest/gtest.h>

#include <functional>
#include <thread>

#include "server/access/http_fetch.h"
#include "server/errors.h"
#include "tests/server/access/made_issuer.h"
#include "tests/server/access/small_http.h"

namespace auscult::server {
namespace {

using std::chrono::milliseconds;

constexpr IssuerKeys::Timing kBrisk{.refresh = std::chrono::minutes(10),
                                    .pause = milliseconds(300)};
const TokenRules kRules{
    .issuer = kTestIssuer, .audience = kTestAudience, .roles_claim = "auscult_roles"};

bool Eventually(const std::function<bool()>& holds) {
  for (int i = 0; i < 1000; ++i) {
    if (holds()) return true;
    std::this_thread::sleep_for(milliseconds(10));
  }
  return false;
}

// An issuer with a key of each kind, whose set is on a server of its own.
class Tokens : public ::testing::Test {
 protected:
  // Once the keys were fetched.
  void Begin() {
    ASSERT_TRUE(Eventually([&] { return issuer_.current()->number > 0; }));
  }
  std::string WhoIs(const std::string& token) {
    const auto caller = verifier_.Verify(token);
    return caller.ok() ? (*caller)->principal : ReasonOf(caller.status());
  }

  std::vector<SigningKey> keys_ = {SigningKey("RS256", "r"), SigningKey("ES256", "e"),
                                   SigningKey("EdDSA", "d")};
  SmallHttp http_;
  // The set is there from the first.
  const bool put_ = (http_.Put("/keys", KeySetOf(keys_)), true);
  IssuerKeys issuer_{{.issuer = kTestIssuer, .jwks = http_.Url("/keys")}, kBrisk};
  TokenVerifier verifier_{kRules, &issuer_};
};

TEST_F(Tokens, AreTakenOfEveryKindOfKey) {
  ASSERT_NO_FATAL_FAILURE(Begin());
  for (const SigningKey& key : keys_) {
    const std::string token = SignedToken(key, ClaimsOf("kim", {"viewer@a"}));
    for (int i = 0; i < 2; ++i) EXPECT_EQ(WhoIs(token), "https://login.test/#kim") << key.id();
  }
}

TEST_F(Tokens, AreRefusedWhereAnybodyCouldHaveMadeThem) {
  ASSERT_NO_FATAL_FAILURE(Begin());
  const Json claims = ClaimsOf("kim", {"admin"});
  EXPECT_EQ(WhoIs(UnsignedToken(claims, "r")), "BAD_TOKEN");
  // With the public key as the secret: its words in the set, its modulus.
  for (const SigningKey& key : keys_) {
    const Json jwk = key.PublicJwk();
    EXPECT_EQ(WhoIs(HmacToken(claims, jwk.dump(), key.id())), "BAD_TOKEN");
    EXPECT_EQ(WhoIs(HmacToken(claims, jwk.value("n", jwk.value("x", "")), key.id())), "BAD_TOKEN");
    EXPECT_EQ(WhoIs(HmacToken(claims, "", key.id())), "BAD_TOKEN");
  }
  // Each key with the algorithm of another, and with another's name.
  for (const SigningKey& key : keys_) {
    for (const SigningKey& other : keys_) {
      if (&key == &other) continue;
      std::string text = SignedPart({{"alg", other.algorithm()}, {"kid", key.id()}}, claims);
      EXPECT_EQ(WhoIs(text + "." + EncodeBase64Url(key.Signature(text))), "BAD_TOKEN");
      text = SignedPart({{"alg", key.algorithm()}, {"kid", other.id()}}, claims);
      EXPECT_EQ(WhoIs(text + "." + EncodeBase64Url(key.Signature(text))), "BAD_TOKEN");
    }
  }
  // Of a stranger who uses the name of a key; with other claims under a good signature.
  EXPECT_EQ(WhoIs(SignedToken(SigningKey("EdDSA", "d"), claims)), "BAD_TOKEN");
  const std::string good = SignedToken(keys_[2], claims);
  const std::string other = SignedPart({{"alg", "EdDSA"}, {"kid", "d"}}, ClaimsOf("boss", {}));
  EXPECT_EQ(WhoIs(other + good.substr(good.rfind('.'))), "BAD_TOKEN");
  // Without a key's name, where there are several.
  const std::string nameless = SignedPart({{"alg", "EdDSA"}}, claims);
  EXPECT_EQ(WhoIs(nameless + "." + EncodeBase64Url(keys_[2].Signature(nameless))), "BAD_TOKEN");
}

TEST_F(Tokens, OfANewKeyAreTakenOnceItsSetWasFetched) {
  ASSERT_NO_FATAL_FAILURE(Begin());
  const std::string before = SignedToken(keys_[0], ClaimsOf("kim", {}));
  EXPECT_EQ(WhoIs(before), "https://login.test/#kim");
  const SigningKey fresh("ES256", "fresh");
  const std::string token = SignedToken(fresh, ClaimsOf("lee", {}));
  // The set was fetched just now: nobody asks for it at every token of an unknown key.
  const int fetched = http_.count();
  for (int i = 0; i < 100; ++i) EXPECT_EQ(WhoIs(token), "UNKNOWN_SIGNING_KEY");
  EXPECT_EQ(http_.count(), fetched);
  http_.Put("/keys", KeySetOf({fresh, keys_[1]}));
  std::this_thread::sleep_for(kBrisk.pause);
  EXPECT_EQ(WhoIs(token), "ISSUER_UNAVAILABLE");  // it is on its way
  EXPECT_TRUE(Eventually([&] { return WhoIs(token) == "https://login.test/#lee"; }));
  EXPECT_EQ(http_.count(), fetched + 1);
  // A token that was verified by a key that the issuer took back is not remembered.
  EXPECT_NE(WhoIs(before), "https://login.test/#kim");
}

TEST_F(Tokens, AreVerifiedByTheLastKeysWhileTheIssuerIsAway) {
  ASSERT_NO_FATAL_FAILURE(Begin());
  http_.Put("/keys", "gone", "HTTP/1.1 503 Service Unavailable\r\n");
  std::this_thread::sleep_for(kBrisk.pause);
  const int fetched = http_.count();
  WhoIs(SignedToken(SigningKey("EdDSA", "unknown"), ClaimsOf("kim", {})));
  ASSERT_TRUE(Eventually([&] { return http_.count() > fetched; }));
  EXPECT_EQ(WhoIs(SignedToken(keys_[0], ClaimsOf("kim", {}))), "https://login.test/#kim");
}

TEST(IssuerKeys, AreFoundByTheConfigurationOfTheIssuer) {
  SmallHttp http;
  const SigningKey key("EdDSA", "d");
  http.Put("/keys", KeySetOf({key}));
  http.Put("/.well-known/openid-configuration",
           Json{{"issuer", http.Url("")}, {"jwks_uri", http.Url("/keys")}}.dump());
  IssuerKeys keys({.issuer = http.Url(""), .jwks = ""}, kBrisk);
  EXPECT_TRUE(Eventually([&] { return keys.current()->keys.size() == 1; }));
  // One that says that it is another's is not believed.
  http.Put("/other/.well-known/openid-configuration",
           Json{{"issuer", http.Url("")}, {"jwks_uri", http.Url("/keys")}}.dump());
  IssuerKeys others({.issuer = http.Url("/other"), .jwks = ""}, kBrisk);
  const int count = http.count();
  EXPECT_TRUE(Eventually([&] { return http.count() > count + 1; }));
  EXPECT_EQ(others.current()->number, 0);
}

TEST(HttpFetch, TakesNoMoreThanItMay) {
  SmallHttp http;
  http.Put("/small", "text");
  http.Put("/large", std::string(300 << 10, 'x'));
  http.Put("/moved", "", "HTTP/1.1 302 Found\r\nLocation: /small\r\n");
  EXPECT_EQ(FetchUrl(http.Url("/small")).value_or("refused"), "text");
  for (const char* path : {"/large", "/moved", "/none"}) {
    EXPECT_TRUE(absl::IsUnavailable(FetchUrl(http.Url(path)).status())) << path;
  }
  for (const char* url : {"http://example.com/keys", "http://127.0.0.1@example.com/",
                          "file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "keys",
                          "", "http://localhost.example.com/", "http://127.0.0.1.example.com/"}) {
    EXPECT_FALSE(CheckFetchUrl(url).ok()) << url;
  }
  for (const char* url : {"https://example.com/keys", "http://localhost:1/", "http://[::1]:1/"}) {
    EXPECT_TRUE(CheckFetchUrl(url).ok()) << url;
  }
}

TEST(TokenSettings, AreRefusedWhereTheyLetOthersIn) {
  Config config;
  EXPECT_TRUE(CheckTokenSettings(config).ok());
  config.oidc_issuer = "https://login.test/";
  EXPECT_FALSE(CheckTokenSettings(config).ok()) << "without an audience";
  config.oidc_audience = "auscult";
  EXPECT_TRUE(CheckTokenSettings(config).ok());
  config.oidc_issuer = "http://login.test/";
  EXPECT_FALSE(CheckTokenSettings(config).ok()) << "without TLS";
  config.oidc_jwks = "/etc/auscult/keys.json";
  EXPECT_TRUE(CheckTokenSettings(config).ok()) << "keys of a file";
  config.oidc_issuer = "";
  EXPECT_FALSE(CheckTokenSettings(config).ok()) << "of no issuer";
}

}  // namespace
}  // namespace auscult::server
