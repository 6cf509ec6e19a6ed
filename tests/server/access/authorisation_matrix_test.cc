// Every method that the descriptors know, asked by every kind of caller about every kind of site,
// over real gRPC: the answer has to be what the role table says. The methods come from the
// descriptors, so that a new one is in it by itself.

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "server/access/role_table.h"
#include "tests/server/access/access_server.h"
#include "tests/server/access/made_call.h"
#include "tests/server/access/made_issuer.h"
#include "tests/server/data_folder.h"
#include "tests/support/made_certificates.h"

namespace auscult::server {
namespace {

using google::protobuf::DescriptorPool;

constexpr v1::Role kRoles[] = {v1::ROLE_VIEWER, v1::ROLE_OPERATOR, v1::ROLE_ANALYST, v1::ROLE_ADMIN,
                               v1::ROLE_INGEST};
// The site that a request is about: the caller's own, another one, one that does not exist, none.
constexpr const char* kPlaces[] = {"own", "other", "nowhere", ""};

enum class Answer { kAdmitted, kUnknownCaller, kRoleRequired, kNotThere };

struct Asker {
  std::string name, credential;
  std::vector<SiteRole> roles;
  std::string refused;  // the reason of why nobody believes him; "": he is believed
  support::MadeCertificate certificate = {};  // of his connection
  std::shared_ptr<grpc::Channel> channel = nullptr;
};

// What the words of the table mean, said once more in the plainest way.
bool Suffices(v1::Role held, v1::Role needed) {
  if (needed == v1::ROLE_INGEST) return held == v1::ROLE_INGEST;
  return held != v1::ROLE_INGEST && static_cast<int>(held) >= static_cast<int>(needed);
}

Answer Expected(const CallRule& rule, const Asker& asker, const std::string& site,
                bool names_a_site) {
  if (!asker.refused.empty()) return Answer::kUnknownCaller;
  if (rule.where == Where::kNowhere) return Answer::kAdmitted;
  const SiteRole& role = asker.roles.front();
  const bool suffices = Suffices(role.role, rule.role);
  if (role.site.empty()) return suffices ? Answer::kAdmitted : Answer::kRoleRequired;
  if (rule.where == Where::kPlant) return Answer::kRoleRequired;
  if (names_a_site && role.site != site) return Answer::kNotThere;
  if (names_a_site || rule.where == Where::kAnySite) {
    return suffices ? Answer::kAdmitted : Answer::kRoleRequired;
  }
  return Answer::kRoleRequired;
}

Answer Got(const grpc::Status& status, const Asker& asker) {
  if (status.error_code() == grpc::StatusCode::UNAUTHENTICATED) {
    EXPECT_EQ(RefusalOf(status).reason, asker.refused);
    return Answer::kUnknownCaller;
  }
  if (status.error_code() == grpc::StatusCode::PERMISSION_DENIED) return Answer::kRoleRequired;
  return status.error_code() == grpc::StatusCode::NOT_FOUND ? Answer::kNotThere : Answer::kAdmitted;
}

bool NamesASite(const Message& request) {
  return request.SerializeAsString().find("sites/") != std::string::npos;
}

std::string Replaced(std::string text, const std::string& word, const std::string& by) {
  for (size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    text.replace(at, word.size(), by);
  }
  return text;
}

class AuthorisationMatrix : public AccessServer {
 protected:
  void AddAskers() {
    for (const v1::Role role : kRoles) {
      for (const char* site : {"own", ""}) {
        const std::string name = RoleName(role) + (*site == '\0' ? "-of-all" : "-of-own");
        askers_.push_back({name, StoreKey(name, {{role, site}}), {{role, site}}, ""});
      }
    }
    const std::vector<SiteRole> all = {{v1::ROLE_ADMIN, ""}};
    askers_.push_back({"nobody", "", all, "NO_CREDENTIALS"});
    askers_.push_back({"stranger", MakeSecret().value(), all, "BAD_KEY"});
    askers_.push_back({"expired", StoreKey("expired", all, 1'000'000), all, "KEY_EXPIRED"});
    askers_.push_back({"revoked", StoreKey("revoked", all), all, "KEY_REVOKED"});
    EXPECT_TRUE(db::RevokeAccessKey(*connection_, "revoked").ok());
    AddTokens();
    AddCertificates();
    reference_ = StoreKey("reference", {{v1::ROLE_ADMIN, ""}, {v1::ROLE_INGEST, ""}});
  }

  void AddTokens() {
    const std::string set = KeySetOf({key_});
    std::ofstream(jwks_) << set;
    config_.oidc_issuer = kTestIssuer;
    config_.oidc_audience = kTestAudience;
    config_.oidc_jwks = jwks_;
    const std::vector<SiteRole> own = {{v1::ROLE_OPERATOR, "own"}};
    const Json claims = ClaimsOf("kim", {"operator@own"});
    const auto with = [&](const char* claim, const Json& value) {
      Json changed = claims;
      changed[claim] = value;
      return SignedToken(key_, changed);
    };
    askers_.push_back({"token-of-own", SignedToken(key_, claims), own, ""});
    askers_.push_back({"expired-token", with("exp", SecondsNow() - 3600), own, "TOKEN_EXPIRED"});
    askers_.push_back(
        {"early-token", with("nbf", SecondsNow() + 3600), own, "TOKEN_NOT_YET_VALID"});
    askers_.push_back({"token-for-others", with("aud", "others"), own, "WRONG_AUDIENCE"});
    askers_.push_back({"token-of-others", with("iss", "https://other/"), own, "WRONG_ISSUER"});
    askers_.push_back({"unsigned-token", UnsignedToken(claims, key_.id()), own, "BAD_TOKEN"});
    askers_.push_back({"hmac-token", HmacToken(claims, set, key_.id()), own, "BAD_TOKEN"});
    askers_.push_back(
        {"forged-token", SignedToken(SigningKey("ES256", "e"), claims), own, "BAD_TOKEN"});
  }

  // The server speaks TLS, and looks at certificates that are shown.
  void AddCertificates() {
    const support::MadeCertificate own = authority_.Issue("server.example");
    mkdir(folder_.path().c_str(), 0700);
    config_.tls_cert = folder_.path() + "/cert.pem";
    config_.tls_key = folder_.path() + "/key.pem";
    config_.tls_client_ca = folder_.path() + "/devices.pem";
    config_.tls_client_certs = "optional";
    support::WriteFile(config_.tls_cert, own.cert);
    support::WriteFile(config_.tls_key, own.key);
    support::WriteFile(config_.tls_client_ca, devices_.pem());
    credentials_ = grpc::SslCredentials({authority_.pem(), "", ""});

    const auto shown_by = [&](const std::string& name, const SiteRole& role, const char* refused) {
      askers_.push_back({name, "", {role}, refused, devices_.Issue(name + ".example")});
    };
    for (const v1::Role role : kRoles) {
      const std::string name = "certificate-" + RoleName(role);
      StoreCertificate(name, {{role, "own"}}, name + ".example");
      shown_by(name, {role, "own"}, "");
    }
    shown_by("strange-certificate", {v1::ROLE_ADMIN, ""}, "UNKNOWN_CERTIFICATE");
    shown_by("revoked-certificate", {v1::ROLE_ADMIN, ""}, "KEY_REVOKED");
    StoreCertificate("revoked-certificate", {{v1::ROLE_ADMIN, ""}}, "revoked-certificate.example");
    EXPECT_TRUE(db::RevokeAccessKey(*connection_, "revoked-certificate").ok());
  }

  void Connect() {
    for (Asker& asker : askers_) {
      const auto& [cert, key] = asker.certificate;
      asker.channel =
          cert.empty() ? channel_ : Dial(grpc::SslCredentials({authority_.pem(), key, cert}));
    }
  }

  // Until the issuer's keys are there.
  void AwaitKeys() {
    for (int i = 0; i < 500; ++i) {
      if (WhoIs(SignedToken(key_, ClaimsOf("kim", {}))) != "ISSUER_UNAVAILABLE") return;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }

  void Try(const MethodDescriptor& method) {
    const CallRule* rule = RuleOf(*method.input_type());
    ASSERT_NE(rule, nullptr);
    for (const std::string place : kPlaces) {
      const auto request = RequestAbout(method, place);
      const bool names_a_site = NamesASite(*request);
      if (!place.empty() && !names_a_site) continue;
      const grpc::Status powerful = MadeCall(channel_, method, *request, reference_);
      EXPECT_EQ(Got(powerful, {}) == Answer::kUnknownCaller, false) << powerful.error_message();
      for (const Asker& asker : askers_) {
        SCOPED_TRACE(method.full_name() + " asked by " + asker.name + " about \"" + place + "\"");
        ++cells_;
        const Answer expected = Expected(*rule, asker, place, names_a_site);
        const grpc::Status status = MadeCall(asker.channel, method, *request, asker.credential);
        Answer got = Got(status, asker);
        // What a handler does not find was admitted, if it does not find it for anybody.
        if (expected == Answer::kAdmitted && got == Answer::kNotThere &&
            (powerful.error_code() == grpc::StatusCode::NOT_FOUND ||
             method.name().starts_with("Delete"))) {
          got = Answer::kAdmitted;
        }
        EXPECT_EQ(static_cast<int>(got), static_cast<int>(expected)) << status.error_message();
        if (expected == Answer::kNotThere)
          told_[{method.full_name(), asker.name}].push_back(
              Replaced(status.error_message() + RefusalOf(status).reason, place, "?"));
      }
    }
  }

  const SigningKey key_{"ES256", "e"};
  const DataFolder folder_;
  const support::MadeAuthority authority_, devices_{"devices"};
  const std::string jwks_ = ::testing::TempDir() + "/matrix_keys.json";
  std::vector<Asker> askers_;
  std::string reference_;
  int cells_ = 0;
  // What was said about sites that are others' and sites that are not.
  std::map<std::pair<std::string, std::string>, std::vector<std::string>> told_;
};

TEST_F(AuthorisationMatrix, HoldsAsTheTableSays) {
  AddAskers();
  ASSERT_NO_FATAL_FAILURE(Start());
  AwaitKeys();
  Connect();
  int methods = 0;
  for (const CallRule& rule : RoleTable()) {
    const auto* service =
        DescriptorPool::generated_pool()->FindMethodByName(rule.method)->service();
    // Once for each service, all its methods: those that the table forgot too.
    if (service->method(0)->full_name() != rule.method) continue;
    for (int i = 0; i < service->method_count(); ++i) {
      ++methods;
      Try(*service->method(i));
    }
  }
  EXPECT_EQ(methods, static_cast<int>(RoleTable().size()));
  for (const auto& [who, told] : told_) {
    ASSERT_EQ(told.size(), 2u) << who.first;
    EXPECT_EQ(told[0], told[1]) << who.first << " tells what is there from what is not";
  }
  std::printf("  %d methods, %d cells\n", methods, cells_);
  RecordProperty("cells", cells_);
}

TEST(RoleTable, NamesEveryMethodOnce) {
  EXPECT_THAT(FlawsOfRoleTable({}), ::testing::IsEmpty());
  const std::string unknown[] = {"auscult/v1/new_service.proto"};
  EXPECT_EQ(FlawsOfRoleTable(unknown).size(), 1u);
}

}  // namespace
}  // namespace auscult::server
