const texts = {
  clipped: '削波：传感器或放大器过载',
  constant: '信号恒定：传感器无输出',
  dropout: '信号中断',
  offset_jump: '信号有台阶跳变',
  too_short_for_velocity: '记录过短，无法计算速度',
  too_short_for_lines: '记录过短，无法分辨转轴谱线',
  no_speed: '转速未知',
  speed_estimated: '转速由记录估计',
  speed_contradicted: '所发转速没有对应谱线，已改用其他转速',
  tachometer_unusable: '键相信号无法给出转速',
  mains_pickup: '电源干扰：请检查电缆与屏蔽',
  ski_slope: '滑坡效应：传感器受扰',
  late: '迟到的记录',
  stopped: '设备静止',
  repeated_block: '样本块重复',
  lost_samples: '样本丢失',
  rate_suspect: '采样率可疑',
};

export default texts;
