#pragma once

#include <string>

namespace auscult::server {

// Tells systemd (Type=notify) a state: "READY=1", "STOPPING=1". Does nothing where NOTIFY_SOCKET is
// not set. (sd_notify(3), of which this is the whole protocol)
void NotifyServiceManager(const std::string& state);

}  // namespace auscult::server
