#include "server/rest/contract.h"

#include <utility>

namespace auscult::rest {

absl::Status AddRoutes(RouteTable& routes) {
  for (const google::protobuf::FileDescriptor* file : ServiceFiles()) {
    for (int s = 0; s < file->service_count(); ++s) {
      for (int m = 0; m < file->service(s)->method_count(); ++m) {
        auto bindings = BindingsOf(*file->service(s)->method(m));
        if (!bindings.ok()) return bindings.status();
        for (HttpBinding& binding : *bindings) {
          if (absl::Status added = routes.Add(std::move(binding)); !added.ok()) return added;
        }
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace auscult::rest
