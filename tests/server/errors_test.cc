#include "server/errors.h"

#include <gtest/gtest.h>

#include <string>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "server/store_errors.h"

namespace auscult::server {
namespace {

const Problem kProblem{.reason = "RATE_MISMATCH",
                       .message = "sample_rate_hz is 12000, the point has 25600",
                       .remedy = "send the rate of the record",
                       .field = "waveform.sample_rate_hz"};

google::rpc::Status DetailsOf(const grpc::Status& status) {
  google::rpc::Status details;
  EXPECT_TRUE(details.ParseFromString(status.error_details()));
  return details;
}

TEST(Errors, TheMessageSaysWhatWasWrongAndWhatToDo) {
  const absl::Status status = MakeError(absl::StatusCode::kInvalidArgument, kProblem);
  EXPECT_EQ(std::string(status.message()), kProblem.message + "; " + kProblem.remedy);
  EXPECT_EQ(ReasonOf(status), "RATE_MISMATCH");
  EXPECT_EQ(ReasonOf(absl::InternalError("x")), "");
}

TEST(Errors, OnTheWireTheyCarryErrorInfoAndBadRequest) {
  const grpc::Status wire = ToGrpcStatus(MakeError(absl::StatusCode::kInvalidArgument, kProblem));
  EXPECT_EQ(wire.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  const google::rpc::Status details = DetailsOf(wire);
  EXPECT_EQ(details.code(), static_cast<int>(grpc::StatusCode::INVALID_ARGUMENT));
  EXPECT_EQ(details.message(), wire.error_message());
  ASSERT_EQ(details.details_size(), 2);
  google::rpc::ErrorInfo info;
  ASSERT_TRUE(details.details(0).UnpackTo(&info));
  EXPECT_EQ(info.reason(), "RATE_MISMATCH");
  EXPECT_EQ(info.domain(), kErrorDomain);
  google::rpc::BadRequest bad_request;
  ASSERT_TRUE(details.details(1).UnpackTo(&bad_request));
  ASSERT_EQ(bad_request.field_violations_size(), 1);
  EXPECT_EQ(bad_request.field_violations(0).field(), kProblem.field);
  EXPECT_EQ(bad_request.field_violations(0).description(), kProblem.message);
}

TEST(Errors, OverloadSaysWhenToTryAgain) {
  const absl::Status status = Overloaded({.reason = "BUFFER_FULL", .message = "m", .remedy = "r"},
                                         std::chrono::milliseconds(1500));
  const google::rpc::Status details = DetailsOf(ToGrpcStatus(status));
  ASSERT_EQ(details.details_size(), 2);
  google::rpc::RetryInfo retry;
  ASSERT_TRUE(details.details(1).UnpackTo(&retry));
  EXPECT_EQ(retry.retry_delay().seconds(), 1);
  EXPECT_EQ(retry.retry_delay().nanos(), 500'000'000);
  EXPECT_EQ(ToRejection(status).retry_after().nanos(), 500'000'000);
}

TEST(Errors, ARejectionHasTheSamePartsApart) {
  const v1::Rejection rejection =
      ToRejection(MakeError(absl::StatusCode::kInvalidArgument, kProblem));
  EXPECT_EQ(rejection.code(), 3);
  EXPECT_EQ(rejection.reason(), kProblem.reason);
  EXPECT_EQ(rejection.message(), kProblem.message);
  EXPECT_EQ(rejection.remedy(), kProblem.remedy);
  EXPECT_EQ(rejection.field(), kProblem.field);
  EXPECT_FALSE(rejection.has_retry_after());
}

TEST(Errors, WhatTheServerDidWrongStaysInItsLog) {
  const absl::Status secret = absl::InternalError("relation \"trend\" does not exist");
  const grpc::Status wire = ToGrpcStatus(secret);
  EXPECT_EQ(wire.error_code(), grpc::StatusCode::INTERNAL);
  EXPECT_EQ(wire.error_message().find("trend"), std::string::npos);
  EXPECT_NE(wire.error_message().find("error "), std::string::npos);
  EXPECT_EQ(ToRejection(secret).message().find("trend"), std::string::npos);
  EXPECT_EQ(ToRejection(secret).reason(), "INTERNAL");
}

TEST(Errors, AStatusWithoutAProblemGetsTheReasonOfItsCode) {
  EXPECT_EQ(ToRejection(absl::NotFoundError("no such thing")).reason(), "NOT_FOUND");
  EXPECT_EQ(ToRejection(absl::NotFoundError("no such thing")).message(), "no such thing");
}

TEST(Errors, LongTextsAreCutAtACharacterSoThatTrailersHoldThem) {
  Problem problem = kProblem;
  problem.message = std::string(799, 'x');
  for (int i = 0; i < 10'000; ++i) problem.message += "\xC3\xA4";  // two bytes a character
  problem.field = problem.message;
  const grpc::Status wire = ToGrpcStatus(MakeError(absl::StatusCode::kInvalidArgument, problem));
  // Details are sent in base64, the message percent-encoded.
  EXPECT_LT(wire.error_details().size() * 4 / 3 + wire.error_message().size(), 8192u);
  google::rpc::BadRequest bad_request;
  ASSERT_TRUE(DetailsOf(wire).details(1).UnpackTo(&bad_request));
  EXPECT_EQ(bad_request.field_violations(0).description(), std::string(799, 'x') + "...");
}

TEST(Errors, WhatMayPassAsksToTryAgain) {
  for (const absl::Status& status :
       {absl::UnavailableError("x"), absl::AbortedError("x"), absl::DeadlineExceededError("x"),
        absl::ResourceExhaustedError("x")}) {
    SCOPED_TRACE(status.ToString());
    const v1::Rejection rejection = ToRejection(StoreError(status));
    EXPECT_EQ(rejection.code(), static_cast<int>(grpc::StatusCode::UNAVAILABLE));
    EXPECT_EQ(rejection.reason(), "DATABASE_UNAVAILABLE");
    EXPECT_TRUE(rejection.has_retry_after());
  }
  EXPECT_EQ(StoreError(absl::InternalError("x")), absl::InternalError("x"));
  const absl::Status named = MakeError(absl::StatusCode::kUnavailable, {.reason = "AWAY"});
  EXPECT_EQ(ToRejection(StoreError(named)).reason(), "AWAY");
  EXPECT_TRUE(ToRejection(StoreError(named)).has_retry_after());
}

TEST(Errors, AFullDiskIsNamed) {
  const absl::Status full =
      absl::ResourceExhaustedError("PostgreSQL 53100: could not extend file \"base/1/2\"");
  for (const absl::Status& status : {StoreError(full), FromDatabase(full)}) {
    const v1::Rejection rejection = ToRejection(status);
    EXPECT_EQ(rejection.code(), static_cast<int>(grpc::StatusCode::UNAVAILABLE));
    EXPECT_EQ(rejection.reason(), "DISK_FULL");
    EXPECT_TRUE(rejection.has_retry_after());
  }
  const absl::Status busy = absl::ResourceExhaustedError("PostgreSQL 53300: too many clients");
  EXPECT_EQ(ToRejection(FromDatabase(busy)).reason(), "DATABASE_BUSY");
}

}  // namespace
}  // namespace auscult::server
