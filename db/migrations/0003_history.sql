-- History: re-scoring, rollups, retention.
ALTER TABLE point_state ADD COLUMN rolled_to timestamptz;
ALTER TABLE process_state ADD COLUMN rolled_to timestamptz;
ALTER TABLE waveform ADD COLUMN codec smallint NOT NULL DEFAULT 0;
ALTER TABLE operation ADD COLUMN paused boolean NOT NULL DEFAULT false;

-- Until now every record was scored once, as it came.
ALTER TABLE score ADD COLUMN run bigint NOT NULL DEFAULT 0;
ALTER TABLE score DROP CONSTRAINT score_pkey;
ALTER TABLE score ADD PRIMARY KEY (asset_id, point_id, measured_at, run);

-- What a re-scoring found in the samples of a record whose features were extracted by an older feature set or another
-- machine: trend itself never changes.
CREATE TABLE extraction (
  asset_id bigint NOT NULL,
  point_id bigint NOT NULL,
  measured_at timestamptz NOT NULL,
  run bigint NOT NULL,
  site_id bigint NOT NULL,
  feature_set smallint NOT NULL,
  quality integer NOT NULL,
  features real[] NOT NULL,
  PRIMARY KEY (asset_id, point_id, measured_at, run)
) PARTITION BY RANGE (measured_at);
ALTER TABLE extraction ALTER COLUMN features SET STORAGE EXTERNAL;

-- Trends by the hour and by the day (UTC). Arrays run parallel to trend.features; NaN where no record had a value.
CREATE TABLE rollup_hour (
  asset_id bigint NOT NULL,
  point_id bigint NOT NULL,
  measured_at timestamptz NOT NULL,     -- start of the period
  feature_set smallint NOT NULL,
  site_id bigint NOT NULL,
  record_count integer NOT NULL,
  value_counts integer[],               -- finite values of each feature; NULL: record_count of each
  minima real[] NOT NULL,
  means real[] NOT NULL,
  maxima real[] NOT NULL,
  lasts real[] NOT NULL,
  health real[] NOT NULL,               -- count, minimum, mean, maximum, last
  severity real[] NOT NULL,             -- the same
  worst_condition smallint NOT NULL,
  PRIMARY KEY (asset_id, point_id, measured_at, feature_set)
) PARTITION BY RANGE (measured_at);

CREATE TABLE rollup_day (LIKE rollup_hour INCLUDING ALL) PARTITION BY RANGE (measured_at);

-- The same for process values: an hour and a day.
CREATE TABLE reading_rollup_hour (
  asset_id bigint NOT NULL,
  quantity text COLLATE "C" NOT NULL,
  measured_at timestamptz NOT NULL,
  site_id bigint NOT NULL,
  value_count integer NOT NULL,
  minimum double precision NOT NULL,
  mean double precision NOT NULL,
  maximum double precision NOT NULL,
  last double precision NOT NULL,
  PRIMARY KEY (asset_id, quantity, measured_at)
) PARTITION BY RANGE (measured_at);

CREATE TABLE reading_rollup_day (LIKE reading_rollup_hour INCLUDING ALL) PARTITION BY RANGE (measured_at);

-- Hours before rolled_to whose rollups have to be made again: a record came late, or other scores count.
CREATE TABLE rollup_due (
  asset_id bigint NOT NULL,
  point_id bigint NOT NULL,             -- 0: process values of the asset
  hour timestamptz NOT NULL,
  site_id bigint NOT NULL,
  PRIMARY KEY (asset_id, point_id, hour)
);

-- A re-scoring: what it covers and by what. Its scores carry its number as their run.
CREATE TABLE rescore (
  operation_id bigint PRIMARY KEY,
  scope text NOT NULL,
  start_time timestamptz NOT NULL,
  end_time timestamptz NOT NULL,
  plan jsonb NOT NULL,                  -- auscult.v1.RescorePlan, its model resolved
  classifier_version integer NOT NULL,
  description text NOT NULL DEFAULT '',
  schedule_id bigint,
  create_time timestamptz NOT NULL DEFAULT now(),
  planned boolean NOT NULL DEFAULT false,  -- its shards are there
  adopt_time timestamptz                -- NULL: not adopted
);

-- One point of a re-scoring. Claimed with SKIP LOCKED under a lease; every write names the fence. Scores, state and
-- place move in one transaction, so that a record is scored once whoever dies.
CREATE TABLE rescore_shard (
  asset_id bigint NOT NULL,
  point_id bigint NOT NULL,
  operation_id bigint NOT NULL,
  site_id bigint NOT NULL,
  start_time timestamptz NOT NULL,
  end_time timestamptz NOT NULL,
  scored_to timestamptz,                -- measured_at of the last record that is done
  state bytea,                          -- of the replay after it
  record_count bigint NOT NULL,         -- expected
  records_done bigint NOT NULL DEFAULT 0,
  records_left_out bigint NOT NULL DEFAULT 0,
  done_time timestamptz,
  problem text NOT NULL DEFAULT '',
  lease_until timestamptz,
  fence bigint NOT NULL DEFAULT 0,
  attempts integer NOT NULL DEFAULT 0,
  PRIMARY KEY (asset_id, point_id, operation_id)
);
CREATE INDEX rescore_shard_waiting ON rescore_shard (operation_id) WHERE done_time IS NULL;
CREATE INDEX rescore_shard_operation ON rescore_shard (operation_id);

-- Re-scorings whose scores count for a point, from start_time to before end_time.
CREATE TABLE adopted_run (
  asset_id bigint NOT NULL,
  point_id bigint NOT NULL,
  run bigint NOT NULL,
  site_id bigint NOT NULL,
  start_time timestamptz NOT NULL,
  end_time timestamptz NOT NULL,
  PRIMARY KEY (asset_id, point_id, run),
  FOREIGN KEY (asset_id, point_id) REFERENCES point ON DELETE CASCADE
);

-- Results that were right when they were made, and that a later change has touched.
CREATE TABLE stale_result (
  asset_id bigint NOT NULL,
  point_id bigint NOT NULL,
  stale_id bigint GENERATED ALWAYS AS IDENTITY,
  site_id bigint NOT NULL,
  reason smallint NOT NULL,             -- auscult.v1.StaleReason
  detail text NOT NULL DEFAULT '',
  start_time timestamptz NOT NULL,
  end_time timestamptz NOT NULL,
  change_time timestamptz NOT NULL DEFAULT now(),
  made_good_by bigint,                  -- run
  PRIMARY KEY (asset_id, point_id, stale_id),
  FOREIGN KEY (asset_id, point_id) REFERENCES point ON DELETE CASCADE
);
CREATE INDEX stale_result_open ON stale_result (site_id) WHERE made_good_by IS NULL;

-- When re-scorings begin by themselves.
CREATE TABLE schedule (
  schedule_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  site_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
  slug text COLLATE "C" NOT NULL,
  definition jsonb NOT NULL,            -- auscult.v1.Schedule without name and times
  next_time timestamptz,                -- NULL: disabled, or never again
  create_time timestamptz NOT NULL DEFAULT now(),
  update_time timestamptz NOT NULL DEFAULT now(),
  revision bigint NOT NULL DEFAULT 1,
  UNIQUE (site_id, slug)
);
CREATE INDEX schedule_next ON schedule (next_time);

CREATE TABLE schedule_run (
  schedule_id bigint NOT NULL REFERENCES schedule ON DELETE CASCADE,
  site_id bigint NOT NULL,
  due_time timestamptz NOT NULL,
  start_time timestamptz,
  outcome smallint NOT NULL,            -- auscult.v1.ScheduleRun.Outcome
  operation_id bigint,
  problem text NOT NULL DEFAULT '',
  PRIMARY KEY (schedule_id, due_time)   -- two servers never start the same run
);

-- How long things are kept: of the plant (0, 0), of a site (site, 0), of an asset.
CREATE TABLE retention_policy (
  site_id bigint NOT NULL,
  asset_id bigint NOT NULL,
  policy jsonb NOT NULL,                -- auscult.v1.RetentionPolicy, its days alone
  update_time timestamptz NOT NULL DEFAULT now(),
  revision bigint NOT NULL DEFAULT 1,
  PRIMARY KEY (asset_id, site_id)
);

-- What each kind took on disk, once a day.
CREATE TABLE storage_sample (
  sampled_on date NOT NULL,
  kind text COLLATE "C" NOT NULL,
  bytes bigint NOT NULL,
  PRIMARY KEY (sampled_on, kind)
);

-- Makes the partition of `parent` that `instant` falls into, unless it is there: a month, of waveform an ISO week, of
-- rollups a year, all UTC. Attached rather than created in place, for that takes no lock that stops readers or writers.
CREATE OR REPLACE FUNCTION make_partition(parent text, instant timestamptz) RETURNS boolean
LANGUAGE plpgsql SET timezone = 'UTC' SET datestyle = 'ISO' AS $$
DECLARE
  step text := CASE WHEN parent = 'waveform' THEN 'week' WHEN parent LIKE '%rollup%' THEN 'year' ELSE 'month' END;
  first_instant timestamptz := date_trunc(step, instant);
  next_instant timestamptz := first_instant + ('1 ' || step)::interval;
  child text := parent || to_char(first_instant, CASE step WHEN 'week' THEN '_IYYY"w"IW' WHEN 'year' THEN '_YYYY'
                                                  ELSE '_YYYY_MM' END);
BEGIN
  -- Asked of the table: to_regclass may answer from a cache that does not know what others committed just now.
  IF EXISTS (SELECT FROM pg_inherits JOIN pg_class ON oid = inhrelid
             WHERE inhparent = parent::regclass AND relname = child) THEN
    RETURN false;
  END IF;
  PERFORM pg_advisory_xact_lock(hashtext('auscult'), hashtext('partitions'));
  IF EXISTS (SELECT FROM pg_inherits JOIN pg_class ON oid = inhrelid
             WHERE inhparent = parent::regclass AND relname = child) THEN
    RETURN false;  -- somebody else made it while we waited
  END IF;
  EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE)', child, parent);
  EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', parent, child, first_instant,
                 next_instant);
  RETURN true;
END
$$;
