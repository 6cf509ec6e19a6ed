#include "server/access/role_table.h"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "absl/strings/str_cat.h"
#include "auscult/v1/alarm_service.pb.h"
#include "auscult/v1/asset_service.pb.h"
#include "auscult/v1/health_service.pb.h"
#include "auscult/v1/ingest_service.pb.h"
#include "auscult/v1/model_service.pb.h"
#include "auscult/v1/rescore_service.pb.h"
#include "auscult/v1/trend_service.pb.h"
#include "google/longrunning/operations.pb.h"

namespace auscult::server {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FileDescriptor;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

constexpr v1::Role kViewer = v1::ROLE_VIEWER, kOperator = v1::ROLE_OPERATOR,
                   kAnalyst = v1::ROLE_ANALYST, kAdmin = v1::ROLE_ADMIN, kIngest = v1::ROLE_INGEST;
using enum Where;

#define ADMIN "auscult.v1.AdminService."
#define ALARM "auscult.v1.AlarmService."
#define ASSET "auscult.v1.AssetService."
#define HEALTH "auscult.v1.HealthService."
#define INGEST "auscult.v1.IngestService."
#define MODEL "auscult.v1.ModelService."
#define RESCORE "auscult.v1.RescoreService."
#define TREND "auscult.v1.TrendService."
#define OPERATIONS "google.longrunning.Operations."

// What is named by a number ("operations/12", "rescores/12") belongs to the sites that its request
// named: the handler looks, with MayReach.
constexpr CallRule kTable[] = {
    {ADMIN "GetRetentionPolicy", kViewer, kNamedSites},
    {ADMIN "ListRetentionPolicies", kViewer, kAnySite},
    {ADMIN "UpdateRetentionPolicy", kAdmin, kNamedSites},
    {ADMIN "DeleteRetentionPolicy", kAdmin, kNamedSites},
    {ADMIN "GetStorage", kViewer, kPlant},
    {ADMIN "GetCaller", v1::ROLE_UNSPECIFIED, kNowhere},
    {ADMIN "CreateKey", kAdmin, kPlant},
    {ADMIN "GetKey", kAdmin, kPlant},
    {ADMIN "ListKeys", kAdmin, kPlant},
    {ADMIN "RevokeKey", kAdmin, kPlant},
    {ADMIN "GetQuota", kViewer, kNamedSites},
    {ADMIN "ListQuotas", kViewer, kPlant},
    {ADMIN "UpdateQuota", kAdmin, kPlant},
    {ADMIN "DeleteQuota", kAdmin, kPlant},
    {ADMIN "ListAuditEntries", kAdmin, kNamedSites},

    {ALARM "ListAlarms", kViewer, kAnySite},
    {ALARM "GetAlarm", kViewer, kNamedSites},
    {ALARM "AcknowledgeAlarm", kOperator, kNamedSites},
    {ALARM "AssignAlarm", kOperator, kNamedSites},
    {ALARM "CommentAlarm", kOperator, kNamedSites},
    {ALARM "ShelveAlarm", kOperator, kNamedSites},
    {ALARM "CloseAlarm", kOperator, kNamedSites},
    {ALARM "GetAlarmStatistics", kViewer, kNamedSites},
    {ALARM "WatchAlarms", kViewer, kAnySite},

    {ASSET "GetSite", kViewer, kNamedSites},
    {ASSET "ListSites", kViewer, kAnySite},
    {ASSET "CreateSite", kAdmin, kPlant},
    {ASSET "UpdateSite", kAdmin, kNamedSites},
    {ASSET "DeleteSite", kAdmin, kPlant},
    {ASSET "GetAsset", kViewer, kNamedSites},
    {ASSET "ListAssets", kViewer, kAnySite},
    {ASSET "CreateAsset", kAdmin, kNamedSites},
    {ASSET "UpdateAsset", kAdmin, kNamedSites},
    {ASSET "DeleteAsset", kAdmin, kNamedSites},
    {ASSET "GetPoint", kViewer, kNamedSites},
    {ASSET "ListPoints", kViewer, kNamedSites},
    {ASSET "CreatePoint", kAdmin, kNamedSites},
    {ASSET "UpdatePoint", kAdmin, kNamedSites},
    {ASSET "DeletePoint", kAdmin, kNamedSites},
    {ASSET "ImportPlant", kAdmin, kNamedSites},
    {ASSET "ListBearings", kViewer, kAnySite},
    {ASSET "CreateBearing", kAdmin, kNamedSites},
    {ASSET "DeleteBearing", kAdmin, kNamedSites},

    {HEALTH "GetAssetHealth", kViewer, kNamedSites},
    {HEALTH "ListAssetHealth", kViewer, kAnySite},
    {HEALTH "Diagnose", kViewer, kAnySite},
    {HEALTH "Explain", kViewer, kNamedSites},
    {HEALTH "RecordMaintenance", kOperator, kNamedSites},
    {HEALTH "ListMaintenance", kViewer, kNamedSites},
    {HEALTH "GetPointLimits", kViewer, kNamedSites},
    {HEALTH "SetPointLimits", kAnalyst, kNamedSites},
    {HEALTH "ListBaselines", kViewer, kNamedSites},
    {HEALTH "Relearn", kAnalyst, kNamedSites},
    {HEALTH "ActivateBaseline", kAnalyst, kNamedSites},

    {INGEST "StreamWaveforms", kIngest, kAnySite},  // then every message by the point it names
    {INGEST "IngestWaveform", kIngest, kNamedSites},
    {INGEST "IngestFeatures", kIngest, kNamedSites},
    {INGEST "IngestReadings", kIngest, kNamedSites},

    {MODEL "TrainModel", kAnalyst, kPlant},
    {MODEL "ImportModelVersion", kAnalyst, kPlant},
    {MODEL "ListModelVersions", kViewer, kAnySite},
    {MODEL "GetModelVersion", kViewer, kAnySite},
    {MODEL "ActivateModelVersion", kAnalyst, kPlant},
    {MODEL "RollbackModel", kAnalyst, kPlant},
    {MODEL "DeleteModelVersion", kAnalyst, kPlant},
    {MODEL "CompareModelVersions", kAnalyst, kNamedSites},

    {RESCORE "StartRescore", kAnalyst, kNamedSites},
    {RESCORE "GetRescore", kViewer, kAnySite},
    {RESCORE "ListRescores", kViewer, kAnySite},
    {RESCORE "PauseRescore", kAnalyst, kAnySite},
    {RESCORE "ResumeRescore", kAnalyst, kAnySite},
    {RESCORE "AdoptRescore", kAnalyst, kAnySite},
    {RESCORE "RevertRescore", kAnalyst, kAnySite},
    {RESCORE "DeleteRescore", kAnalyst, kAnySite},
    {RESCORE "ListStaleResults", kViewer, kNamedSites},
    {RESCORE "CreateSchedule", kAnalyst, kNamedSites},
    {RESCORE "GetSchedule", kViewer, kNamedSites},
    {RESCORE "ListSchedules", kViewer, kAnySite},
    {RESCORE "UpdateSchedule", kAnalyst, kNamedSites},
    {RESCORE "DeleteSchedule", kAnalyst, kNamedSites},
    {RESCORE "ListScheduleRuns", kViewer, kNamedSites},

    {TREND "QueryTrend", kViewer, kNamedSites},
    {TREND "WatchTrend", kViewer, kNamedSites},
    {TREND "ListWaveforms", kViewer, kNamedSites},
    {TREND "GetWaveform", kViewer, kNamedSites},
    {TREND "GetSpectrum", kViewer, kNamedSites},
    {TREND "GetEnvelopeSpectrum", kViewer, kNamedSites},
    {TREND "GetWaterfall", kViewer, kNamedSites},
    {TREND "ExportRecords", kViewer, kNamedSites},
    {TREND "KeepWaveform", kOperator, kNamedSites},

    {OPERATIONS "ListOperations", kViewer, kAnySite},
    {OPERATIONS "GetOperation", kViewer, kAnySite},
    {OPERATIONS "WaitOperation", kViewer, kAnySite},
    {OPERATIONS "CancelOperation", kAnalyst, kAnySite},
    {OPERATIONS "DeleteOperation", kAnalyst, kAnySite},
};

// A message of each file with services: so that the linker keeps them.
std::vector<const FileDescriptor*> ServiceFiles() {
  std::vector<const FileDescriptor*> files;
  for (const Descriptor* message :
       {v1::GetCallerRequest::descriptor(), v1::GetAlarmRequest::descriptor(),
        v1::GetSiteRequest::descriptor(), v1::GetAssetHealthRequest::descriptor(),
        v1::IngestWaveformRequest::descriptor(), v1::GetModelVersionRequest::descriptor(),
        v1::GetRescoreRequest::descriptor(), v1::QueryTrendRequest::descriptor(),
        google::longrunning::GetOperationRequest::descriptor()}) {
    files.push_back(message->file());
  }
  return files;
}

std::vector<const MethodDescriptor*> AllMethods() {
  std::vector<const MethodDescriptor*> methods;
  for (const FileDescriptor* file : ServiceFiles()) {
    for (int i = 0; i < file->service_count(); ++i) {
      const ServiceDescriptor& service = *file->service(i);
      for (int j = 0; j < service.method_count(); ++j) methods.push_back(service.method(j));
    }
  }
  return methods;
}

const CallRule* Find(const std::string& method) {
  const auto found =
      std::ranges::find_if(kTable, [&](const CallRule& rule) { return method == rule.method; });
  return found == std::end(kTable) ? nullptr : found;
}

}  // namespace

std::span<const CallRule> RoleTable() { return kTable; }

const CallRule* RuleOf(const Descriptor& request_type) {
  static const auto& rules = *[] {
    auto* by_request = new std::unordered_map<const Descriptor*, const CallRule*>();
    for (const MethodDescriptor* method : AllMethods()) {
      by_request->emplace(method->input_type(), Find(method->full_name()));
    }
    return by_request;
  }();
  const auto found = rules.find(&request_type);
  return found == rules.end() ? nullptr : found->second;
}

std::vector<std::string> FlawsOfRoleTable(std::span<const std::string> proto_files) {
  std::vector<std::string> flaws;
  std::set<std::string> known;
  for (const FileDescriptor* file : ServiceFiles()) known.insert(file->name());
  for (const std::string& file : proto_files) {
    if (!known.contains(file)) flaws.push_back(absl::StrCat(file, " is not looked at"));
  }
  std::set<std::string> methods;
  std::map<const Descriptor*, std::string> requests;
  for (const MethodDescriptor* method : AllMethods()) {
    methods.insert(method->full_name());
    if (Find(method->full_name()) == nullptr) {
      flaws.push_back(absl::StrCat(method->full_name(), " is not in the table"));
    }
    const auto [other, is_new] = requests.emplace(method->input_type(), method->full_name());
    if (!is_new) {
      flaws.push_back(absl::StrCat(method->full_name(), " takes the request of ", other->second));
    }
  }
  std::set<std::string> named;
  for (const CallRule& rule : kTable) {
    if (!methods.contains(rule.method)) {
      flaws.push_back(absl::StrCat(rule.method, " does not exist"));
    }
    if (!named.insert(rule.method).second) {
      flaws.push_back(absl::StrCat(rule.method, " stands there twice"));
    }
    if ((rule.role == v1::ROLE_UNSPECIFIED) != (rule.where == kNowhere)) {
      flaws.push_back(
          absl::StrCat(rule.method, " has a role and no place, or a place and no role"));
    }
  }
  return flaws;
}

}  // namespace auscult::server
