#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "auscult/v1/alarm_service.pb.h"
#include "db/case_store.h"
#include "models/knowledge.h"
#include "server/advice_view.h"

namespace auscult::server {

// A stored case as the API shows it, without its notes. The recommended action is that of the
// knowledge base for what it is about and how bad it was.
v1::Alarm MessageOf(const db::StoredCase& stored,
                    models::Language language = models::Language::kEnglish);

v1::AlarmNote MessageOf(const db::CaseNote& note);

// The API's numbers and ours, which are the same.
v1::AlarmKind KindOf(models::CaseKind kind);
models::CaseKind KindOf(v1::AlarmKind kind);
v1::Finding FindingOf(db::Finding finding);
db::Finding FindingOf(v1::Finding finding);

}  // namespace auscult::server
