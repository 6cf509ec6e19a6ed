#pragma once

#include "auscult/v1/alarm_service.pb.h"
#include "cli/command.h"

namespace auscult::cli {

// Cases as a terminal shows them.
void PrintAlarms(const v1::ListAlarmsResponse& alarms, const Terminal& terminal);
// One with its evidence and its history.
void PrintAlarm(const v1::Alarm& alarm, const Terminal& terminal);
// A line for a change.
void PrintAlarmChange(const v1::Alarm& alarm, const Terminal& terminal);
void PrintAlarmStatistics(const v1::AlarmStatistics& statistics, const Terminal& terminal);

}  // namespace auscult::cli
