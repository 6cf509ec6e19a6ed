#pragma once

#include <dirent.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

// What processes cost, from /proc.
namespace auscult::bench {

struct ProcessStat {
  pid_t parent = 0;
  double cpu_s = 0;  // with that of children that ended and were waited for
};

inline bool ReadStat(pid_t pid, ProcessStat& stat) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  if (!std::getline(file, text)) return false;
  // The name, in parentheses, may hold anything.
  std::istringstream fields(text.substr(text.rfind(')') + 2));
  std::string skipped;
  fields >> skipped >> stat.parent;
  for (int i = 5; i < 14; ++i) fields >> skipped;
  int64_t user = 0, system = 0, children_user = 0, children_system = 0;
  fields >> user >> system >> children_user >> children_system;
  stat.cpu_s = static_cast<double>(user + system + children_user + children_system) /
               static_cast<double>(sysconf(_SC_CLK_TCK));
  return true;
}

// CPU seconds of a process and everything below it.
inline double TreeCpuSeconds(pid_t root) {
  std::map<pid_t, ProcessStat> stats;
  DIR* const folder = opendir("/proc");
  while (const dirent* const entry = readdir(folder)) {
    const pid_t pid = std::atoi(entry->d_name);
    ProcessStat stat;
    if (pid > 0 && ReadStat(pid, stat)) stats[pid] = stat;
  }
  closedir(folder);
  double sum = 0;
  for (const auto& [pid, stat] : stats) {
    pid_t ancestor = pid;
    while (ancestor != root && stats.contains(ancestor)) ancestor = stats[ancestor].parent;
    if (ancestor == root) sum += stat.cpu_s;
  }
  return sum;
}

// What all processors have done since the machine started, in seconds: worked, been idle or waited
// for a disk, and been taken away by the host of a virtual machine.
struct MachineTime {
  double busy_s = 0, idle_s = 0, stolen_s = 0;
};

inline MachineTime ReadMachineTime() {
  std::ifstream file("/proc/stat");
  std::string skipped;
  double user = 0, nice = 0, system = 0, idle = 0, disk = 0, irq = 0, softirq = 0, stolen = 0;
  file >> skipped >> user >> nice >> system >> idle >> disk >> irq >> softirq >> stolen;
  const auto ticks_per_s = static_cast<double>(sysconf(_SC_CLK_TCK));
  return {(user + nice + system + irq + softirq) / ticks_per_s, (idle + disk) / ticks_per_s,
          stolen / ticks_per_s};
}

// "VmHWM" (peak) or "VmRSS" (now), in MB; 0 where the process is gone.
inline double MemoryMb(pid_t pid, const std::string& name) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/status");
  std::string line;
  while (std::getline(file, line)) {
    if (line.starts_with(name + ":")) return std::atof(&line[name.size() + 1]) / 1024;
  }
  return 0;
}

}  // namespace auscult::bench
