#include "server/access/json_web_token.h"

#include <gtest/gtest.h>

#include "server/errors.h"
#include "tests/server/access/made_issuer.h"

namespace auscult::server {
namespace {

using std::chrono::system_clock;

const TokenRules kRules{.issuer = kTestIssuer, .audience = kTestAudience, .roles_claim = "roles"};

system_clock::time_point At(int64_t seconds) {
  return system_clock::time_point(std::chrono::seconds(seconds));
}

// The answer to claims with one of them changed; null takes it away.
std::string ReasonFor(const std::string& claim, const Json& value, int64_t now = 1000) {
  Json claims = {{"iss", kTestIssuer}, {"aud", kTestAudience}, {"sub", "kim"}, {"exp", 2000}};
  if (value.is_null()) {
    claims.erase(claim);
  } else {
    claims[claim] = value;
  }
  const auto caller = ReadClaims(claims.dump(), kRules, At(now));
  return caller.ok() ? "" : ReasonOf(caller.status());
}

TEST(JsonWebToken, IsRefusedWhereItIsNoToken) {
  const SigningKey key("EdDSA", "k");
  const std::string good = SignedToken(key, ClaimsOf("kim", {}));
  ASSERT_TRUE(ParseToken(good).ok()) << ParseToken(good).status();
  const size_t first = good.find('.'), second = good.find('.', first + 1);
  const std::string header = good.substr(0, first),
                    claims = good.substr(first + 1, second - first - 1);
  const std::string signature = good.substr(second + 1);
  const auto with_header = [&](const Json& changed) {
    return EncodeBase64Url(changed.dump()) + "." + claims + "." + signature;
  };
  for (const std::string& bad :
       std::vector<std::string>{"",
                                ".",
                                "..",
                                "...",
                                "a.b",
                                header + "." + claims,
                                good + ".",
                                good + ".x",
                                good + "=",
                                " " + good,
                                good + "\n",
                                header + "." + claims + "==." + signature,
                                header + "." + claims + "." + "+/+/",
                                "e30.e30.e30",
                                EncodeBase64Url("[]") + "." + claims + "." + signature,
                                EncodeBase64Url("{") + "." + claims + "." + signature,
                                header + "." + EncodeBase64Url("7") + "." + signature,
                                with_header({{"alg", "none"}}),
                                with_header({{"alg", "None"}}),
                                with_header({{"alg", "HS256"}}),
                                with_header({{"alg", "RS512"}}),
                                with_header({{"alg", "PS256"}}),
                                with_header({{"alg", 7}}),
                                with_header({{"kid", "k"}}),
                                with_header({{"alg", "EdDSA"}, {"kid", 7}}),
                                with_header({{"alg", "EdDSA"}, {"crit", {"exp"}}}),
                                std::string(20'000, 'a') + ".a.a"}) {
    const auto token = ParseToken(bad);
    EXPECT_FALSE(token.ok()) << bad;
    EXPECT_EQ(ReasonOf(token.status()), "BAD_TOKEN") << bad;
  }
}

TEST(JsonWebToken, IsReadInOneSpellingOnly) {
  EXPECT_EQ(DecodeBase64Url("AQ"), "\x01");
  for (const char* other : {"AR", "AQ==", "A", "AQ ", "A Q", "AQ\n", "A+", "A/", "AQ.", "=="}) {
    EXPECT_EQ(DecodeBase64Url(other), std::nullopt) << other;
  }
  EXPECT_EQ(DecodeBase64Url(""), "");
  EXPECT_EQ(DecodeBase64Url("-_8"), std::string("\xfb\xff"));
}

TEST(JsonWebToken, SaysWhoBearsItAndWhatHeMay) {
  Json claims = {{"iss", kTestIssuer}, {"aud", kTestAudience}, {"sub", "kim"}, {"exp", 2000}};
  claims["roles"] = {"operator@hamburg", "viewer",           "ingest@sites/bremen", "analyst@-",
                     "king@x",           "admin@NOT A SITE", "unspecified",         7};
  const auto caller = ReadClaims(claims.dump(), kRules, At(1000));
  ASSERT_TRUE(caller.ok()) << caller.status();
  EXPECT_EQ(caller->principal, "https://login.test/#kim");
  ASSERT_EQ(caller->roles.size(), 4u);
  EXPECT_EQ(caller->roles[0].role, v1::ROLE_OPERATOR);
  EXPECT_EQ(caller->roles[0].site, "hamburg");
  EXPECT_EQ(caller->roles[1].role, v1::ROLE_VIEWER);
  EXPECT_EQ(caller->roles[1].site, "");
  EXPECT_EQ(caller->roles[2].site, "bremen");
  EXPECT_EQ(caller->roles[3].site, "");
}

TEST(JsonWebToken, IsJudgedByWhoItIsOfAndFor) {
  EXPECT_EQ(ReasonFor("sub", "kim"), "");
  EXPECT_EQ(ReasonFor("iss", "https://login.test"), "WRONG_ISSUER");
  EXPECT_EQ(ReasonFor("iss", nullptr), "WRONG_ISSUER");
  EXPECT_EQ(ReasonFor("aud", "other"), "WRONG_AUDIENCE");
  EXPECT_EQ(ReasonFor("aud", nullptr), "WRONG_AUDIENCE");
  EXPECT_EQ(ReasonFor("aud", {"other", 7}), "WRONG_AUDIENCE");
  EXPECT_EQ(ReasonFor("aud", {"other", kTestAudience}), "");
  EXPECT_EQ(ReasonFor("sub", nullptr), "BAD_TOKEN");
  EXPECT_EQ(ReasonFor("sub", ""), "BAD_TOKEN");
  EXPECT_EQ(ReasonFor("sub", 7), "BAD_TOKEN");
}

TEST(JsonWebToken, HoldsBetweenItsTimesByClocksAMinuteApart) {
  EXPECT_EQ(ReasonFor("exp", 2000, 2059), "");
  EXPECT_EQ(ReasonFor("exp", 2000, 2060), "TOKEN_EXPIRED");
  EXPECT_EQ(ReasonFor("exp", 2000.9, 2059), "");
  EXPECT_EQ(ReasonFor("nbf", 1060, 1000), "");
  EXPECT_EQ(ReasonFor("nbf", 1061, 1000), "TOKEN_NOT_YET_VALID");
  for (const Json& no_time :
       {Json("2000"), Json(-1), Json(1e300), Json(true), Json::array({2000})}) {
    EXPECT_EQ(ReasonFor("exp", no_time), "BAD_TOKEN") << no_time;
    EXPECT_EQ(ReasonFor("nbf", no_time), "BAD_TOKEN") << no_time;
  }
  EXPECT_EQ(ReasonFor("exp", nullptr), "BAD_TOKEN");
}

TEST(JsonWebKey, VerifiesWhatItsOwnerSignedAndNothingElse) {
  for (const char* algorithm : {"RS256", "ES256", "EdDSA"}) {
    SCOPED_TRACE(algorithm);
    const SigningKey signer(algorithm, "a"), other(algorithm, "a");
    const auto key = JsonWebKey::Parse(signer.PublicJwk().dump());
    ASSERT_TRUE(key.ok()) << key.status();
    EXPECT_EQ(key->id(), "a");
    const std::string signature = signer.Signature("text");
    EXPECT_TRUE(key->Verifies("text", signature));
    EXPECT_FALSE(key->Verifies("tex", signature));
    EXPECT_FALSE(key->Verifies("text", other.Signature("text")));
    EXPECT_FALSE(key->Verifies("text", ""));
    EXPECT_FALSE(key->Verifies("text", signature.substr(1)));
    EXPECT_FALSE(key->Verifies("text", signature + "x"));
    EXPECT_FALSE(key->Verifies("text", std::string(signature.size(), '\0')));
    for (const size_t place : {size_t{0}, signature.size() / 2, signature.size() - 1}) {
      std::string changed = signature;
      changed[place] = static_cast<char>(changed[place] ^ 1);
      EXPECT_FALSE(key->Verifies("text", changed)) << place;
    }
  }
}

TEST(JsonWebKey, IsRefusedWhereItIsUnsoundOrForSomethingElse) {
  const auto refused = [](Json jwk, const char* field, const Json& value) {
    if (value.is_null()) {
      jwk.erase(field);
    } else {
      jwk[field] = value;
    }
    return !JsonWebKey::Parse(jwk.dump()).ok();
  };
  const Json rsa = SigningKey("RS256", "r").PublicJwk(), ec = SigningKey("ES256", "e").PublicJwk(),
             ed = SigningKey("EdDSA", "d").PublicJwk();
  for (const Json& jwk : {rsa, ec, ed}) {
    EXPECT_FALSE(refused(jwk, "use", nullptr));
    EXPECT_FALSE(refused(jwk, "alg", nullptr));
    EXPECT_FALSE(refused(jwk, "key_ops", {"verify"}));
    EXPECT_TRUE(refused(jwk, "use", "enc"));
    EXPECT_TRUE(refused(jwk, "key_ops", {"sign"}));
    EXPECT_TRUE(refused(jwk, "alg", "HS256"));
    EXPECT_TRUE(refused(jwk, "alg", jwk == ec ? "RS256" : "ES256"));
    EXPECT_TRUE(refused(jwk, "kty", "oct"));
  }
  EXPECT_TRUE(refused(rsa, "e", "AQ"));                                       // 1
  EXPECT_TRUE(refused(rsa, "e", "Ag"));                                       // even
  EXPECT_TRUE(refused(rsa, "n", EncodeBase64Url(std::string(128, '\x81'))));  // 1024 bits
  EXPECT_TRUE(refused(ec, "crv", "P-384"));
  EXPECT_TRUE(refused(ec, "y", ec["x"]));  // beside the curve
  EXPECT_TRUE(refused(ec, "x", "AQ"));
  EXPECT_TRUE(refused(ed, "crv", "Ed448"));
  EXPECT_TRUE(refused(ed, "x", "AQ"));
  EXPECT_FALSE(JsonWebKey::Parse("[]").ok());
  EXPECT_FALSE(ParseKeySet("{}").ok());
  EXPECT_FALSE(ParseKeySet("{\"keys\":7}").ok());
  const auto keys = ParseKeySet(Json{{"keys", {rsa, Json{{"kty", "oct"}}, 7, ed}}}.dump());
  ASSERT_TRUE(keys.ok()) << keys.status();
  EXPECT_EQ(keys->size(), 2u);
}

}  // namespace
}  // namespace auscult::server
