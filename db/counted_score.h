#pragma once

// SQL condition on rows of `score`: what came with the record, or a re-scoring that the point has
// adopted. Of these the largest run counts: ORDER BY measured_at, run DESC.
#define COUNTED_SCORE                                                              \
  "(score.run = 0 OR EXISTS (SELECT FROM adopted_run AS adopted"                   \
  " WHERE adopted.asset_id = score.asset_id AND adopted.point_id = score.point_id" \
  " AND adopted.run = score.run AND score.measured_at >= adopted.start_time"       \
  " AND score.measured_at < adopted.end_time))"
