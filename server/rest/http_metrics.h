#pragma once

#include <memory>

#include "server/rest/http_traffic.h"

namespace prometheus {
class Registry;
}

namespace auscult::rest {

// Counts the traffic of a listener in `registry`, which must outlive it:
// auscult_http_requests_total{method,route,status}, auscult_http_request_duration_seconds{method,
// route}, auscult_http_connections, ..._connections_total, ..._turned_away_total, bytes in and out.
// Each route is a label, so that those that no template gave count as "none".
std::unique_ptr<HttpTraffic> MakeHttpMetrics(prometheus::Registry* registry);

}  // namespace auscult::rest
