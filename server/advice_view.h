#pragma once

#include <optional>
#include <string_view>

#include "absl/status/statusor.h"
#include "auscult/v1/health_service.pb.h"
#include "models/knowledge.h"

namespace auscult::server {

// The language of a `language_code`, English for none. INVALID_ARGUMENT (UNKNOWN_LANGUAGE).
absl::StatusOr<models::Language> LanguageOf(std::string_view code);

// What the knowledge base says of a verdict, and to do in that condition; nothing while the
// condition asks for nothing. An alert that names no fault is a departure of unknown cause.
std::optional<v1::Advice> AdviceOn(v1::Fault verdict, v1::Condition condition,
                                   models::Language language);

// The same for the verdict of one record, which has no condition: what to do when an alert names
// it. Nothing for a record that accuses nobody and can be judged.
std::optional<v1::Advice> AdviceOnRecord(v1::Fault verdict, models::Language language);

}  // namespace auscult::server
