-- The current schema, whole. A new database gets this file; an older one gets migrations/*.sql in order. A test
-- holds that both give the same catalogue.
--
-- Keys: site_id stands in every table of a site (row-level security), asset_id leads every primary and unique key
-- of what grows, and no foreign key crosses assets, so that the tables can be distributed by asset_id.
-- Slugs compare by code point: their order, and with it page tokens, is the same whatever the database's locale.

-- Times leave the database as Unix microseconds, whatever the session's time zone.
CREATE FUNCTION unix_us(instant timestamptz) RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
RETURN (extract(epoch FROM instant) * 1000000)::bigint;

CREATE TABLE schema_version (
  version integer PRIMARY KEY,
  applied_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE site (
  site_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  slug text COLLATE "C" NOT NULL UNIQUE,
  display_name text NOT NULL DEFAULT '',
  time_zone text NOT NULL DEFAULT '',
  create_time timestamptz NOT NULL DEFAULT now(),
  update_time timestamptz NOT NULL DEFAULT now(),
  revision bigint NOT NULL DEFAULT 1,
  false_alarms_per_point_year real,     -- NULL: 0.1
  alarm_budget_per_week real            -- false alarms of the whole site; NULL: none set
);

-- Bearings that a site added itself; the built-in catalogue is compiled in.
CREATE TABLE bearing (
  site_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
  slug text COLLATE "C" NOT NULL,
  definition jsonb NOT NULL,  -- auscult.v1.Bearing
  PRIMARY KEY (site_id, slug)
);

CREATE TABLE asset (
  asset_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  site_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
  slug text COLLATE "C" NOT NULL,
  parent_asset_id bigint,     -- same site; no foreign key, it would cross assets
  display_name text NOT NULL DEFAULT '',
  kind text NOT NULL DEFAULT '',
  machine jsonb NOT NULL DEFAULT '{}',  -- auscult.v1.Machine
  create_time timestamptz NOT NULL DEFAULT now(),
  update_time timestamptz NOT NULL DEFAULT now(),
  revision bigint NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX asset_slug ON asset (site_id, slug);
CREATE INDEX asset_parent ON asset (parent_asset_id);

CREATE TABLE point (
  asset_id bigint NOT NULL REFERENCES asset ON DELETE CASCADE,
  point_id bigint GENERATED ALWAYS AS IDENTITY,
  site_id bigint NOT NULL,
  slug text COLLATE "C" NOT NULL,
  definition jsonb NOT NULL,  -- auscult.v1.Point without name, health and times
  create_time timestamptz NOT NULL DEFAULT now(),
  update_time timestamptz NOT NULL DEFAULT now(),
  revision bigint NOT NULL DEFAULT 1,
  PRIMARY KEY (asset_id, point_id),
  UNIQUE (asset_id, slug)
);

-- What scoring remembers of a point, and its latest health. Every writer of a point's records locks this row first,
-- so writers of one point queue here and a key can be checked before it is inserted.
CREATE TABLE point_state (
  asset_id bigint NOT NULL,
  point_id bigint NOT NULL,
  site_id bigint NOT NULL,
  model_version integer NOT NULL DEFAULT 0,
  state bytea,                          -- models::PointState; NULL before the first record
  last_measured_at timestamptz,
  record_count bigint NOT NULL DEFAULT 0,
  condition smallint,
  since timestamptz,                    -- measured_at of the record that brought the condition
  state_since timestamptz,              -- the same for the condition within state, which a stop leaves as it was
  health real,
  severity real,
  zone smallint,
  verdict smallint,
  confidence real,
  quality integer NOT NULL DEFAULT 0,   -- of the last record
  learning_progress real NOT NULL DEFAULT 0,
  detail text,                          -- JSON: evidence and contributions of the last record; read whole, written often
  learn_since timestamptz,              -- only later records are learnt from
  sensor_run smallint NOT NULL DEFAULT 0,  -- records in a row that can (negative) or cannot be judged
  case_kinds smallint NOT NULL DEFAULT 0,  -- bit n: asks for a case of kind n
  received_at timestamptz,              -- of its last record, by the database's clock
  rolled_to timestamptz,                -- rollups of what was measured before are complete, but for rollup_due
  raw_kept_at timestamptz,              -- of the last record whose samples were kept for what they showed
  PRIMARY KEY (asset_id, point_id),
  FOREIGN KEY (asset_id, point_id) REFERENCES point ON DELETE CASCADE
) WITH (fillfactor = 50);               -- rewritten with every batch: room for the new version on the same page
ALTER TABLE point_state ALTER COLUMN state SET STORAGE EXTERNAL;  -- floats do not compress
-- The fleet's worst. Conditions change seldom, so that rows are still rewritten in place.
CREATE INDEX point_state_urgent ON point_state (condition) WHERE condition IN (2, 3, 4);

-- Baselines of a point, never rewritten.
CREATE TABLE baseline (
  asset_id bigint NOT NULL,
  point_id bigint NOT NULL,
  site_id bigint NOT NULL,
  version integer NOT NULL,
  feature_set smallint NOT NULL,
  model bytea NOT NULL,                 -- models::Baseline
  learnt_from timestamptz NOT NULL,
  learnt_to timestamptz NOT NULL,
  create_time timestamptz NOT NULL DEFAULT now(),
  origin text NOT NULL DEFAULT 'first', -- 'first', 'run-in', 'after maintenance', 'asked for'
  PRIMARY KEY (asset_id, point_id, version),
  FOREIGN KEY (asset_id, point_id) REFERENCES point ON DELETE CASCADE
);

-- What was measured. Immutable.
CREATE TABLE trend (
  asset_id bigint NOT NULL,
  point_id bigint NOT NULL,
  measured_at timestamptz NOT NULL,
  site_id bigint NOT NULL,
  feature_set smallint NOT NULL,
  source smallint NOT NULL,             -- 1 samples, 2 features from the edge
  quality integer NOT NULL,
  speed_rpm real,
  load_percent real,
  content_hash bytea NOT NULL,          -- XXH3-128 of what was sent
  features real[] NOT NULL,
  conditions jsonb,                     -- other conditions the sender named
  PRIMARY KEY (asset_id, point_id, measured_at)
) PARTITION BY RANGE (measured_at);
ALTER TABLE trend ALTER COLUMN features SET STORAGE EXTERNAL;

-- What a model said of it: one row for each record as it came (run 0), and one for each re-scoring of it. What counts is
-- the largest run that the point has adopted.
CREATE TABLE score (
  asset_id bigint NOT NULL,
  point_id bigint NOT NULL,
  measured_at timestamptz NOT NULL,
  model_version integer NOT NULL,
  site_id bigint NOT NULL,
  condition smallint NOT NULL,
  zone smallint NOT NULL,
  verdict smallint NOT NULL,
  health real,
  severity real,
  confidence real NOT NULL,
  detail jsonb,                         -- evidence and contributions, where there is something to say
  classifier_version integer NOT NULL DEFAULT 0,  -- 0: the physics
  run bigint NOT NULL DEFAULT 0,        -- 0: as it came; else rescore.operation_id
  PRIMARY KEY (asset_id, point_id, measured_at, run)
) PARTITION BY RANGE (measured_at);

-- Raw samples, without loss.
CREATE TABLE waveform (
  asset_id bigint NOT NULL,
  point_id bigint NOT NULL,
  measured_at timestamptz NOT NULL,
  site_id bigint NOT NULL,
  kept_for smallint NOT NULL,           -- auscult.v1.KeptFor
  sample_rate_hz double precision NOT NULL,
  content_hash bytea NOT NULL,          -- of the message that brought the samples
  channels jsonb NOT NULL,              -- unit, encoding, scale and offset of each channel
  samples bytea NOT NULL,               -- the channels' octets, one after the other, as `codec` says
  codec smallint NOT NULL DEFAULT 0,    -- db::SampleCodec; 0: as sent
  conditions json,                      -- auscult.v1.Conditions as sent; NULL: not known any more
  PRIMARY KEY (asset_id, point_id, measured_at)
) PARTITION BY RANGE (measured_at);
ALTER TABLE waveform ALTER COLUMN samples SET STORAGE EXTERNAL;
CREATE INDEX waveform_recent ON waveform (measured_at) WHERE kept_for = 1;  -- what thinning looks for

-- Changes of condition.
CREATE TABLE event (
  asset_id bigint NOT NULL,
  point_id bigint NOT NULL,
  measured_at timestamptz NOT NULL,
  site_id bigint NOT NULL,
  from_condition smallint NOT NULL,
  to_condition smallint NOT NULL,
  verdict smallint NOT NULL,
  summary text NOT NULL,
  PRIMARY KEY (asset_id, point_id, measured_at)
) PARTITION BY RANGE (measured_at);

-- Process values of an asset.
CREATE TABLE reading (
  asset_id bigint NOT NULL,
  quantity text COLLATE "C" NOT NULL,
  measured_at timestamptz NOT NULL,
  site_id bigint NOT NULL,
  value double precision NOT NULL,
  PRIMARY KEY (asset_id, quantity, measured_at)
) PARTITION BY RANGE (measured_at);

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

ALTER TABLE rollup_hour
  ALTER COLUMN minima SET STORAGE EXTERNAL, ALTER COLUMN means SET STORAGE EXTERNAL,
  ALTER COLUMN maxima SET STORAGE EXTERNAL, ALTER COLUMN lasts SET STORAGE EXTERNAL;

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

-- Hours before rolled_to whose rollups have to be made: a record came late, other scores count, or the hour was too
-- dense to be rolled ahead. A row that is made due anew is updated, so that who read the hour sees it by xmin.
CREATE TABLE rollup_due (
  asset_id bigint NOT NULL,
  point_id bigint NOT NULL,             -- 0: process values of the asset
  hour timestamptz NOT NULL,
  site_id bigint NOT NULL,
  PRIMARY KEY (asset_id, point_id, hour)
);

-- Alarm cases: one open case for an asset, kind and fault. Records open, move and close them in the transaction that
-- stores them; people acknowledge, assign, shelve and close them with a finding. A writer locks the points of its
-- batch first, then the rows of their assets in ascending order (FOR NO KEY UPDATE), so that two points of an asset
-- open one case.
CREATE TABLE alarm (
  asset_id bigint NOT NULL REFERENCES asset ON DELETE CASCADE,
  alarm_id bigint GENERATED ALWAYS AS IDENTITY,
  site_id bigint NOT NULL,
  kind smallint NOT NULL,               -- auscult.v1.AlarmKind
  fault smallint NOT NULL,              -- models::Fault
  condition smallint NOT NULL,
  worst_condition smallint NOT NULL,
  points bigint[] NOT NULL DEFAULT '{}',  -- that have asked for it, 0 for process readings
  holders bigint[] NOT NULL DEFAULT '{}',  -- that still do; kept when somebody closes it, so that they do not open
                                        -- another at once
  hold_conditions smallint[] NOT NULL DEFAULT '{}',  -- how urgently each holder asks
  hold_faults smallint[] NOT NULL DEFAULT '{}',      -- what each holder named
  summary text NOT NULL DEFAULT '',
  detail json,                          -- evidence
  create_time timestamptz NOT NULL DEFAULT now(),
  opened_at timestamptz NOT NULL,       -- measured_at of the record
  updated_at timestamptz NOT NULL,
  closed_at timestamptz,
  acknowledged_at timestamptz,
  acknowledged_by text NOT NULL DEFAULT '',
  assignee text NOT NULL DEFAULT '',
  shelved_until timestamptz,
  shelved_condition smallint,           -- its condition then
  finding smallint NOT NULL DEFAULT 0,  -- auscult.v1.Finding
  found_fault smallint,
  finding_text text NOT NULL DEFAULT '',
  work_order text NOT NULL DEFAULT '',
  revision bigint NOT NULL DEFAULT 1,
  changed_by xid8 NOT NULL DEFAULT pg_current_xact_id(),  -- transaction of the last change: nobody misses one who
                                        -- asks again from the oldest that was running when he last asked
  PRIMARY KEY (asset_id, alarm_id)
);
CREATE UNIQUE INDEX alarm_open ON alarm (asset_id, kind, fault) WHERE closed_at IS NULL;
CREATE INDEX alarm_inbox ON alarm (site_id, opened_at) WHERE closed_at IS NULL;
CREATE INDEX alarm_site ON alarm (site_id, opened_at);
CREATE INDEX alarm_number ON alarm (alarm_id);
CREATE INDEX alarm_held ON alarm (asset_id) WHERE holders <> '{}';
CREATE INDEX alarm_changed ON alarm (changed_by);

-- What happened to a case. Never rewritten.
CREATE TABLE alarm_note (
  asset_id bigint NOT NULL,
  alarm_id bigint NOT NULL,
  note_id bigint GENERATED ALWAYS AS IDENTITY,
  site_id bigint NOT NULL,
  create_time timestamptz NOT NULL DEFAULT now(),
  actor text NOT NULL DEFAULT '',
  action text NOT NULL,
  text text NOT NULL DEFAULT '',
  PRIMARY KEY (asset_id, alarm_id, note_id),
  FOREIGN KEY (asset_id, alarm_id) REFERENCES alarm ON DELETE CASCADE
);

-- Work on a machine, told by people. Never rewritten.
CREATE TABLE maintenance (
  asset_id bigint NOT NULL REFERENCES asset ON DELETE CASCADE,
  maintenance_id bigint GENERATED ALWAYS AS IDENTITY,
  site_id bigint NOT NULL,
  performed_at timestamptz NOT NULL,
  create_time timestamptz NOT NULL DEFAULT now(),
  actor text NOT NULL DEFAULT '',
  description text NOT NULL,
  work_order text NOT NULL DEFAULT '',
  keep_baseline boolean NOT NULL DEFAULT false,
  points bigint[] NOT NULL DEFAULT '{}',  -- that learn anew; empty: all
  PRIMARY KEY (asset_id, maintenance_id)
);

-- Limits that people set for features of a point.
CREATE TABLE point_limits (
  asset_id bigint NOT NULL,
  point_id bigint NOT NULL,
  site_id bigint NOT NULL,
  limits jsonb NOT NULL,                -- auscult.v1.PointLimits without name
  update_time timestamptz NOT NULL DEFAULT now(),
  revision bigint NOT NULL DEFAULT 1,
  PRIMARY KEY (asset_id, point_id),
  FOREIGN KEY (asset_id, point_id) REFERENCES point ON DELETE CASCADE
);

-- What scoring remembers of an asset's process readings, and their latest health. Whoever stores readings of an asset
-- locks this row first.
CREATE TABLE process_state (
  asset_id bigint PRIMARY KEY REFERENCES asset ON DELETE CASCADE,
  site_id bigint NOT NULL,
  model_version integer NOT NULL DEFAULT 0,
  state bytea,                          -- NULL before the first reading
  last_measured_at timestamptz,
  learn_since timestamptz,              -- only later readings are learnt from
  condition smallint,
  since timestamptz,
  health real,
  learning_progress real NOT NULL DEFAULT 0,
  detail json,
  rolled_to timestamptz                 -- as in point_state
) WITH (fillfactor = 50);               -- rewritten with every call
ALTER TABLE process_state ALTER COLUMN state SET STORAGE EXTERNAL;
CREATE INDEX process_state_urgent ON process_state (condition) WHERE condition IN (2, 3, 4);

-- Baselines of process readings, never rewritten.
CREATE TABLE process_baseline (
  asset_id bigint NOT NULL REFERENCES asset ON DELETE CASCADE,
  version integer NOT NULL,
  site_id bigint NOT NULL,
  model bytea NOT NULL,
  learnt_from timestamptz NOT NULL,
  learnt_to timestamptz NOT NULL,
  create_time timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (asset_id, version)
);

-- Learnt classifiers, for all sites. Never rewritten, and no number is given twice, for scores name it. Version 0 is the
-- physics and has no row.
CREATE TABLE model_version (
  model text COLLATE "C" NOT NULL,      -- "diagnosis"
  version integer GENERATED ALWAYS AS IDENTITY,
  create_time timestamptz NOT NULL DEFAULT now(),
  description text NOT NULL DEFAULT '',
  feature_set smallint NOT NULL,
  faults smallint[] NOT NULL,           -- models::Fault, what it can say
  recipe text NOT NULL,                 -- JSON, as in the file
  metrics text NOT NULL,                -- JSON, as in the file
  content_hash bytea NOT NULL,          -- SHA-256 of the file
  file bytea NOT NULL,                  -- models::Classifier
  PRIMARY KEY (model, version),
  UNIQUE (model, content_hash)
);

-- Which version was made active when; the last one is.
CREATE TABLE model_activation (
  model text COLLATE "C" NOT NULL,
  activation_id bigint GENERATED ALWAYS AS IDENTITY,
  version integer NOT NULL,
  activated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  actor text NOT NULL DEFAULT '',
  rollback boolean NOT NULL DEFAULT false,  -- took the activation before it back
  PRIMARY KEY (model, activation_id)
);

-- Long work (google.longrunning.Operation). Claimed with FOR UPDATE SKIP LOCKED under a lease by the database's clock;
-- every write of the worker names its fence, so that one that lost its lease writes nothing.
CREATE TABLE operation (
  operation_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind text COLLATE "C" NOT NULL,       -- "train", "compare", "rescore"
  request bytea NOT NULL,               -- the message that asked for it
  metadata bytea,                       -- google.protobuf.Any
  response bytea,                       -- google.protobuf.Any, once it succeeded
  error bytea,                          -- google.rpc.Status, once it failed or was cancelled
  create_time timestamptz NOT NULL DEFAULT now(),
  update_time timestamptz NOT NULL DEFAULT now(),
  done_time timestamptz,
  cancel_requested boolean NOT NULL DEFAULT false,
  lease_until timestamptz,              -- nobody else may claim it before
  fence bigint NOT NULL DEFAULT 0,      -- changes with every claim
  attempts integer NOT NULL DEFAULT 0,  -- claims that did not end in an orderly way, the present one included
  paused boolean NOT NULL DEFAULT false, -- nobody may claim it
  actor text NOT NULL DEFAULT ''        -- who asked for it, as the audit log names him
);
CREATE INDEX operation_waiting ON operation (operation_id) WHERE done_time IS NULL;

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
  judged_by jsonb NOT NULL DEFAULT '[]',  -- db/stale_store.cc: by what, from when to when
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
CREATE FUNCTION make_partition(parent text, instant timestamptz) RETURNS boolean
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
  EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', child);
  EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', parent, child, first_instant,
                 next_instant);
  RETURN true;
END
$$;

-- The partitions of `parent`: from `first`, to before `until`.
CREATE FUNCTION partitions_of(parent text) RETURNS TABLE (child regclass, first timestamptz, until timestamptz)
LANGUAGE sql STABLE SET timezone = 'UTC' SET datestyle = 'ISO' AS $$
  SELECT oid::regclass, substring(bound FROM $e$FROM \('([^']+)'$e$)::timestamptz,
    substring(bound FROM $e$TO \('([^']+)'$e$)::timestamptz
  FROM pg_inherits JOIN pg_class ON oid = inhrelid CROSS JOIN LATERAL pg_get_expr(relpartbound, oid) AS bound
  WHERE inhparent = parent::regclass
$$;

-- Since when each asset keeps what `days` of its policy says ('trend_days', ...): whole days, UTC; -infinity: all of it.
CREATE FUNCTION kept_since(days text) RETURNS TABLE (asset_id bigint, since timestamptz)
LANGUAGE sql STABLE AS $$
  SELECT asset.asset_id, CASE WHEN kept.days > 0
    THEN date_trunc('day', now(), 'UTC') - kept.days * interval '24 hours' ELSE '-infinity' END
  FROM asset
  LEFT JOIN retention_policy own ON own.asset_id = asset.asset_id
  LEFT JOIN retention_policy site ON site.asset_id = 0 AND site.site_id = asset.site_id
  LEFT JOIN retention_policy plant ON plant.asset_id = 0 AND plant.site_id = 0
  CROSS JOIN LATERAL (SELECT coalesce(own.policy ->> $1, site.policy ->> $1, plant.policy ->> $1)::integer AS days) kept
$$;

-- Whether the partition `child` of `parent` holds samples that somebody asked to keep.
CREATE FUNCTION holds_requested(parent text, child regclass) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE
  requested boolean := false;
BEGIN
  IF parent = 'waveform' THEN
    EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE kept_for = 6)', child) INTO requested;
  END IF;
  RETURN requested;
END
$$;

-- Whether the partition `child` of `parent` holds rows that belong into rollups and are in none yet.
CREATE FUNCTION waits_for_rollup(parent text, child regclass, first timestamptz, until timestamptz) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
DECLARE
  waits boolean := false;
BEGIN
  IF parent IN ('trend', 'score') THEN
    EXECUTE format($q$SELECT EXISTS (SELECT FROM (
        SELECT asset_id, point_id, coalesce(rolled_to, '-infinity') AS due_from, 'infinity'::timestamptz AS due_to
        FROM point_state WHERE rolled_to IS NULL OR rolled_to < $2
        UNION ALL SELECT asset_id, point_id, hour, hour + interval '1 hour' FROM rollup_due
        WHERE point_id <> 0 AND hour >= $1 AND hour < $2) AS due
      CROSS JOIN LATERAL (SELECT FROM %s AS t WHERE t.asset_id = due.asset_id AND t.point_id = due.point_id
        AND measured_at >= due_from AND measured_at < due_to LIMIT 1) AS found)$q$, child)
    INTO waits USING first, until;
  ELSIF parent = 'reading' THEN
    EXECUTE format($q$SELECT EXISTS (SELECT FROM (
        SELECT asset_id, coalesce(rolled_to, '-infinity') AS due_from, 'infinity'::timestamptz AS due_to
        FROM asset LEFT JOIN process_state USING (asset_id) WHERE rolled_to IS NULL OR rolled_to < $2
        UNION ALL SELECT asset_id, hour, hour + interval '1 hour' FROM rollup_due
        WHERE point_id = 0 AND hour >= $1 AND hour < $2) AS due
      CROSS JOIN LATERAL (SELECT FROM %s AS t WHERE t.asset_id = due.asset_id
        AND measured_at >= due_from AND measured_at < due_to LIMIT 1) AS found)$q$, child)
    INTO waits USING first, until;
  END IF;
  RETURN waits;
END
$$;

-- Drops partitions of `parent` that end at `instant` or before, but for those with rows that no rollup holds yet: the
-- empty ones alone, or all. At most 50 at once, for each takes places in the lock table. Gives up after two seconds of
-- waiting for a lock, rather than stop those who write: the next call finds the same ones.
CREATE FUNCTION drop_partitions(parent text, instant timestamptz, only_empty boolean) RETURNS integer
LANGUAGE plpgsql SET timezone = 'UTC' SET lock_timeout = '2s' AS $$
DECLARE
  past record;
  holds_rows boolean;
  locked boolean := false;
  dropped integer := 0;
BEGIN
  -- One server at a time: partitions that one drops must not be under another's hands.
  PERFORM pg_advisory_xact_lock(hashtext('auscult'), hashtext('retention'));
  FOR past IN SELECT * FROM partitions_of(parent) WHERE until <= instant ORDER BY until LOOP
    LOOP
      EXECUTE format('SELECT EXISTS (SELECT FROM %s)', past.child) INTO holds_rows;
      EXIT WHEN holds_rows
        AND (only_empty OR waits_for_rollup(parent, past.child, past.first, past.until)
          OR holds_requested(parent, past.child));
      IF locked THEN
        EXECUTE format('DROP TABLE %s', past.child);
        dropped := dropped + 1;
        EXIT;
      END IF;
      -- Asked again once nobody can write.
      EXECUTE format('LOCK TABLE ONLY %I IN ACCESS EXCLUSIVE MODE', parent);
      locked := true;
    END LOOP;
    EXIT WHEN dropped = 50;
  END LOOP;
  RETURN dropped;
END
$$;

-- Deletes up to `portion` rows of `parent` that are older than their assets keep them by `days` of their policies. Where
-- nobody keeps longer, partitions go as a whole, unless they cover years, as those of rollups do, or hold a few rows that
-- wait for a rollup.
CREATE FUNCTION delete_expired(parent text, days text, portion integer) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
  owners text := CASE WHEN parent LIKE 'reading%' THEN 'asset LEFT JOIN process_state AS s USING (asset_id)'
                      ELSE 'point_state AS s' END;
  condition text := '';
  longest timestamptz;
  shortest timestamptz;
  past record;
  from_since timestamptz;
  deleted integer;
  total integer := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('auscult'), hashtext('retention'));
  SELECT min(since), max(since) INTO longest, shortest FROM kept_since(days);
  IF parent NOT LIKE 'reading%' THEN condition := ' AND t.point_id = s.point_id'; END IF;
  IF parent IN ('trend', 'score', 'reading') THEN  -- in rollups already
    condition := condition || ' AND measured_at < s.rolled_to AND NOT EXISTS (SELECT FROM rollup_due AS d'
      ' WHERE d.asset_id = t.asset_id AND d.point_id = '
      || CASE WHEN parent = 'reading' THEN '0' ELSE 't.point_id' END
      || ' AND d.hour = date_trunc(''hour'', measured_at, ''UTC''))';
  ELSIF parent = 'waveform' THEN  -- recent ones are thinned, requested ones stay
    condition := condition || ' AND kept_for NOT IN (1, 6)';
  END IF;
  FOR past IN SELECT * FROM partitions_of(parent) WHERE first < shortest ORDER BY first LOOP
    from_since := CASE WHEN parent LIKE '%rollup%' OR past.until <= longest
      AND (waits_for_rollup(parent, past.child, past.first, past.until)
        OR holds_requested(parent, past.child)) THEN '-infinity' ELSE longest END;
    CONTINUE WHEN from_since = shortest;
    EXECUTE format('DELETE FROM %1$s WHERE ctid = ANY (ARRAY(SELECT place FROM kept_since($1) AS kept'
                   ' JOIN %2$s USING (asset_id) CROSS JOIN LATERAL (SELECT t.ctid AS place FROM %1$s AS t'
                   ' WHERE t.asset_id = kept.asset_id AND measured_at < kept.since%3$s LIMIT $3) AS expired'
                   ' WHERE kept.since > $2 LIMIT $3))', past.child, owners, condition)
    USING days, from_since, portion - total;
    GET DIAGNOSTICS deleted = ROW_COUNT;
    total := total + deleted;
    EXIT WHEN total >= portion;
  END LOOP;
  RETURN total;
END
$$;

-- When the oldest row of `parent` was measured; NULL: there is none.
CREATE FUNCTION oldest_row(parent text) RETURNS timestamptz LANGUAGE plpgsql STABLE AS $$
DECLARE
  part record;
  oldest timestamptz;
BEGIN
  FOR part IN SELECT * FROM partitions_of(parent) ORDER BY first LOOP
    IF parent LIKE 'reading%' THEN  -- by the index: from each asset and quantity to the next
      EXECUTE format($q$WITH RECURSIVE series AS (
          (SELECT asset_id, quantity, measured_at FROM %1$s ORDER BY 1, 2, 3 LIMIT 1)
          UNION ALL SELECT next.* FROM series CROSS JOIN LATERAL (
            SELECT t.asset_id, t.quantity, t.measured_at FROM %1$s AS t
            WHERE (t.asset_id, t.quantity) > (series.asset_id, series.quantity) ORDER BY 1, 2, 3 LIMIT 1) AS next)
        SELECT min(measured_at) FROM series$q$, part.child) INTO oldest;
    ELSE
      EXECUTE format('SELECT min(measured_at) FROM point AS p CROSS JOIN LATERAL (SELECT measured_at FROM %s AS t'
                     ' WHERE t.asset_id = p.asset_id AND t.point_id = p.point_id ORDER BY measured_at LIMIT 1) AS first',
                     part.child) INTO oldest;
    END IF;
    EXIT WHEN oldest IS NOT NULL;
  END LOOP;
  RETURN oldest;
END
$$;

-- What other programs read, Grafana for one: names in place of keys, words in place of numbers. Columns may be added to
-- these views; none is renamed or taken away.
CREATE FUNCTION condition_word(condition smallint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (ARRAY['learning', 'normal', 'watch', 'alert', 'alarm', 'stopped', 'unscorable', 'stale',
              'starting'])[condition + 1];

CREATE FUNCTION fault_word(fault smallint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (ARRAY['healthy', 'inner_race', 'outer_race', 'ball', 'cage', 'unbalance', 'misalignment', 'looseness', 'gear',
              'broken_rotor_bar', 'eccentricity', 'stator_winding', 'electrical', 'other', 'abstain',
              'unscorable'])[fault + 1];

-- The latest of each point; severity_rank orders the worst first.
CREATE VIEW report_point AS
SELECT site, asset, point, asset_name, point_name, word AS condition, health, fault_word(verdict) AS verdict, confidence,
       since, last_measured_at, record_count,
       array_position(ARRAY['alarm', 'alert', 'watch', 'stale', 'unscorable', 'no_data', 'learning', 'stopped', 'starting',
                            'normal'], word) AS severity_rank
FROM (
  SELECT site.slug AS site, asset.slug AS asset, point.slug AS point,
         coalesce(nullif(asset.display_name, ''), asset.slug) AS asset_name,
         coalesce(nullif(point.definition ->> 'display_name', ''), point.slug) AS point_name,
         CASE WHEN last_measured_at IS NULL THEN 'no_data'
              WHEN last_measured_at < now() - make_interval(secs =>
                     coalesce(nullif((point.definition ->> 'stale_after_s')::double precision, 0), 259200)) THEN 'stale'
              ELSE condition_word(condition) END AS word,
         health, verdict, confidence, since, last_measured_at, coalesce(record_count, 0) AS record_count
  FROM point JOIN asset USING (asset_id) JOIN site ON site.site_id = asset.site_id
  LEFT JOIN point_state USING (asset_id, point_id)) AS latest;

-- Each machine by its worst point.
CREATE VIEW report_asset AS
SELECT site.slug AS site, asset.slug AS asset, coalesce(nullif(asset.display_name, ''), asset.slug) AS asset_name, kind,
       worst.point AS worst_point, coalesce(worst.condition, 'no_data') AS condition, worst.health, worst.verdict,
       worst.since, worst.last_measured_at,
       (SELECT count(*) FROM alarm WHERE alarm.asset_id = asset.asset_id AND closed_at IS NULL) AS open_case_count,
       coalesce(worst.severity_rank, 6) AS severity_rank
FROM asset JOIN site USING (site_id)
LEFT JOIN LATERAL (SELECT * FROM report_point WHERE report_point.site = site.slug AND report_point.asset = asset.slug
                   ORDER BY severity_rank, health LIMIT 1) AS worst ON true;

-- Every record, with the score that counts.
CREATE VIEW report_trend AS
SELECT site.slug AS site, asset.slug AS asset, point.slug AS point, score.measured_at,
       condition_word(condition) AS condition, health, severity, fault_word(verdict) AS verdict, confidence, (ARRAY['A', 'B', 'C', 'D'])[nullif(zone, 0)] AS zone,
       speed_rpm, load_percent
FROM score JOIN point USING (asset_id, point_id) JOIN asset USING (asset_id) JOIN site ON site.site_id = asset.site_id
LEFT JOIN trend ON trend.asset_id = score.asset_id AND trend.point_id = score.point_id
  AND trend.measured_at = score.measured_at
WHERE run = coalesce((
  SELECT max(later.run) FROM adopted_run AS adopted JOIN score AS later USING (asset_id, point_id, run)
  WHERE adopted.asset_id = score.asset_id AND adopted.point_id = score.point_id
    AND score.measured_at >= adopted.start_time AND score.measured_at < adopted.end_time
    AND later.measured_at = score.measured_at), 0);

-- The same by the hour and by the day, for long times.
CREATE VIEW report_trend_hour AS
SELECT site.slug AS site, asset.slug AS asset, point.slug AS point, measured_at, record_count,
       nullif(health[2], 'NaN') AS health_min,
       nullif(health[3], 'NaN') AS health_mean, nullif(health[4], 'NaN') AS health_max,
       condition_word(worst_condition) AS worst_condition
FROM rollup_hour JOIN point USING (asset_id, point_id) JOIN asset USING (asset_id)
JOIN site ON site.site_id = asset.site_id;

CREATE VIEW report_trend_day AS
SELECT site.slug AS site, asset.slug AS asset, point.slug AS point, measured_at, record_count,
       nullif(health[2], 'NaN') AS health_min,
       nullif(health[3], 'NaN') AS health_mean, nullif(health[4], 'NaN') AS health_max,
       condition_word(worst_condition) AS worst_condition
FROM rollup_day JOIN point USING (asset_id, point_id) JOIN asset USING (asset_id)
JOIN site ON site.site_id = asset.site_id;

-- Process values.
CREATE VIEW report_reading AS
SELECT site.slug AS site, asset.slug AS asset, quantity, measured_at, value
FROM reading JOIN asset USING (asset_id) JOIN site ON site.site_id = asset.site_id;

CREATE VIEW report_case AS
SELECT site.slug AS site, asset.slug AS asset, coalesce(nullif(asset.display_name, ''), asset.slug) AS asset_name,
       alarm_id, (ARRAY['machine', 'sensor', 'missing_data', 'process'])[alarm.kind] AS kind, fault_word(fault) AS fault,
       condition_word(condition) AS condition, condition_word(worst_condition) AS worst_condition, summary, opened_at,
       acknowledged_at, assignee, closed_at
FROM alarm JOIN asset USING (asset_id) JOIN site ON site.site_id = asset.site_id;

-- Changes of condition and work on machines, for annotations.
CREATE VIEW report_event AS
SELECT site.slug AS site, asset.slug AS asset, point.slug AS point, measured_at AS happened_at, 'condition' AS kind,
       condition_word(from_condition) || ' -> ' || condition_word(to_condition) AS title, summary AS text
FROM event JOIN point USING (asset_id, point_id) JOIN asset USING (asset_id) JOIN site ON site.site_id = asset.site_id
UNION ALL
SELECT site.slug, asset.slug, NULL, performed_at, 'maintenance', description, actor
FROM maintenance JOIN asset USING (asset_id) JOIN site ON site.site_id = asset.site_id;

-- Credentials that the server keeps. A key without a secret is that of a certificate.
CREATE TABLE access_key (
  slug text COLLATE "C" PRIMARY KEY,
  description text NOT NULL DEFAULT '',
  grants jsonb NOT NULL,                -- of auscult.v1.Grant: [{"role": 4, "site": "sites/-"}]
  secret_hash bytea UNIQUE,             -- SHA-256
  certificate text UNIQUE,
  creator text NOT NULL DEFAULT '',
  create_time timestamptz NOT NULL DEFAULT now(),
  expire_time timestamptz,
  revoke_time timestamptz,
  last_use_time timestamptz,
  CHECK ((secret_hash IS NULL) <> (certificate IS NULL))
);

-- What a site's records or a key's calls may take of one server.
CREATE TABLE quota (
  name text COLLATE "C" PRIMARY KEY,    -- "sites/{site}/quota", "keys/{key}/quota"
  definition jsonb NOT NULL,            -- auscult.v1.Quota, its limits alone
  update_time timestamptz NOT NULL DEFAULT now(),
  revision bigint NOT NULL DEFAULT 1
);

-- The second wall: calls of callers who are limited to sites run as this role, with the sites in a setting of their
-- transaction, and see no others, whatever a query forgot to ask. Roles belong to the whole cluster.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'auscult_call') THEN
    CREATE ROLE auscult_call NOLOGIN;
  END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN  -- another database of the cluster made it meanwhile
END
$$;
DO $$
BEGIN
  IF NOT pg_has_role('auscult_call', 'MEMBER') THEN
    EXECUTE format('GRANT auscult_call TO %I', current_user);
  END IF;
  EXECUTE format('GRANT USAGE ON SCHEMA %I TO auscult_call', current_schema());
END
$$;

-- The sites of the call; NULL outside of one: none.
CREATE FUNCTION call_sites() RETURNS bigint[] LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('auscult.sites', true), '')::bigint[];

-- Entries are numbered without a gap, and the hash of each is SHA-256 of the hash before, in hex, and of its text.
CREATE TABLE audit (
  sequence bigint PRIMARY KEY,
  site_id bigint,                       -- NULL: of no site
  hashed text NOT NULL,                 -- JSON of an auscult.v1.AuditEntry without its hashes
  previous_hash bytea NOT NULL,         -- of the first entry: 32 zeros
  hash bytea NOT NULL
);
CREATE INDEX audit_site ON audit (site_id, sequence);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit log is never rewritten' USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER audit_is_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Writes the change of a row down, at the end of its transaction: the lock that makes one chain of all transactions is
-- then the last one taken, and held for the commit alone. Arguments: the columns that are written; none: all of them.
CREATE FUNCTION audit_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
  was jsonb;
  becomes jsonb;
  of_site bigint;
  site_slug text;
  last_sequence bigint;
  last_hash bytea;
  entry text;
BEGIN
  IF TG_TABLE_NAME = 'model_version' THEN
    IF TG_OP <> 'INSERT' THEN OLD.file := sha256(OLD.file); END IF;
    IF TG_OP <> 'DELETE' THEN NEW.file := sha256(NEW.file); END IF;
  END IF;
  IF TG_OP <> 'INSERT' THEN was := to_jsonb(OLD); END IF;
  IF TG_OP <> 'DELETE' THEN becomes := to_jsonb(NEW); END IF;
  IF TG_NARGS > 0 THEN
    was := (SELECT jsonb_object_agg(key, value) FROM jsonb_each(was) WHERE key = ANY (TG_ARGV));
    becomes := (SELECT jsonb_object_agg(key, value) FROM jsonb_each(becomes) WHERE key = ANY (TG_ARGV));
  END IF;
  PERFORM pg_advisory_xact_lock(hashtext('auscult'), hashtext('audit'));
  SELECT sequence, hash INTO last_sequence, last_hash FROM audit ORDER BY sequence DESC LIMIT 1;
  last_sequence := coalesce(last_sequence, 0);
  last_hash := coalesce(last_hash, decode(repeat('00', 32), 'hex'));
  of_site := nullif((coalesce(becomes, was) ->> 'site_id')::bigint, 0);
  IF of_site IS NOT NULL THEN
    SELECT slug INTO site_slug FROM site WHERE site_id = of_site;
    IF NOT FOUND THEN  -- deleted with all that is below it, itself first
      SELECT substr(hashed::json ->> 'site', 7) INTO site_slug FROM audit WHERE site_id = of_site
      ORDER BY sequence DESC LIMIT 1;
    END IF;
  END IF;
  IF TG_TABLE_NAME = 'site' THEN site_slug := coalesce(becomes, was) ->> 'slug'; END IF;
  entry := json_build_object(
    'sequence', last_sequence + 1,
    'time', to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    'actor', coalesce(nullif(current_setting('auscult.actor', true), ''), 'database:' || session_user),
    'request_id', coalesce(current_setting('auscult.request_id', true), ''),
    'site', coalesce('sites/' || site_slug, ''), 'subject', TG_TABLE_NAME, 'action', lower(TG_OP),
    'before', coalesce(was::text, ''), 'after', coalesce(becomes::text, ''));
  INSERT INTO audit (sequence, site_id, hashed, previous_hash, hash)
  VALUES (last_sequence + 1, of_site, entry, last_hash,
          sha256(convert_to(encode(last_hash, 'hex') || entry, 'UTF8')));
  RETURN NULL;
END
$$;

-- What people decide. Rows that records write, or that change with every call, name the columns that people alone set.
DO $$
DECLARE
  decided text;
BEGIN
  FOREACH decided IN ARRAY ARRAY['site', 'bearing', 'asset', 'point', 'point_limits', 'model_version', 'model_activation',
                                 'retention_policy', 'schedule', 'maintenance', 'access_key', 'quota'] LOOP
    EXECUTE format('CREATE CONSTRAINT TRIGGER audit_rows AFTER INSERT OR DELETE ON %I DEFERRABLE INITIALLY DEFERRED'
                   ' FOR EACH ROW EXECUTE FUNCTION audit_change()', decided);
  END LOOP;
  FOREACH decided IN ARRAY ARRAY['site', 'bearing', 'asset', 'point', 'point_limits', 'model_version', 'model_activation',
                                 'retention_policy', 'maintenance', 'quota'] LOOP
    EXECUTE format('CREATE CONSTRAINT TRIGGER audit_changes AFTER UPDATE ON %I DEFERRABLE INITIALLY DEFERRED'
                   ' FOR EACH ROW WHEN (OLD IS DISTINCT FROM NEW) EXECUTE FUNCTION audit_change()', decided);
  END LOOP;
END
$$;
CREATE CONSTRAINT TRIGGER audit_changes AFTER UPDATE OF description, grants, secret_hash, certificate, creator, expire_time,
  revoke_time ON access_key DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD IS DISTINCT FROM NEW)
EXECUTE FUNCTION audit_change();
CREATE CONSTRAINT TRIGGER audit_changes AFTER UPDATE OF slug, definition ON schedule DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (OLD IS DISTINCT FROM NEW) EXECUTE FUNCTION audit_change();
CREATE CONSTRAINT TRIGGER audit_changes
AFTER UPDATE OF acknowledged_at, acknowledged_by, assignee, finding, found_fault, finding_text, work_order ON alarm
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
WHEN ((OLD.acknowledged_at, OLD.acknowledged_by, OLD.assignee, OLD.shelved_until, OLD.finding, OLD.found_fault,
       OLD.finding_text, OLD.work_order, OLD.closed_at) IS DISTINCT FROM
      (NEW.acknowledged_at, NEW.acknowledged_by, NEW.assignee, NEW.shelved_until, NEW.finding, NEW.found_fault,
       NEW.finding_text, NEW.work_order, NEW.closed_at))
EXECUTE FUNCTION audit_change('alarm_id', 'asset_id', 'site_id', 'summary', 'acknowledged_at', 'acknowledged_by',
  'assignee', 'shelved_until', 'finding', 'found_fault', 'finding_text', 'work_order', 'closed_at');
-- A baseline that is asked for, or that work on the machine makes necessary.
CREATE CONSTRAINT TRIGGER audit_changes AFTER UPDATE OF learn_since ON point_state DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (OLD.learn_since IS DISTINCT FROM NEW.learn_since)
EXECUTE FUNCTION audit_change('asset_id', 'point_id', 'site_id', 'learn_since');
CREATE CONSTRAINT TRIGGER audit_changes AFTER UPDATE OF learn_since ON process_state DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (OLD.learn_since IS DISTINCT FROM NEW.learn_since)
EXECUTE FUNCTION audit_change('asset_id', 'site_id', 'learn_since');
-- Other scores count from now on.
CREATE CONSTRAINT TRIGGER audit_changes AFTER UPDATE OF adopt_time ON rescore DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (OLD.adopt_time IS DISTINCT FROM NEW.adopt_time) EXECUTE FUNCTION audit_change();

-- Who makes partitions, or writes the log, does it as the owner, and finds the names of this schema alone.
DO $$
BEGIN
  EXECUTE format('ALTER FUNCTION make_partition(text, timestamptz) SECURITY DEFINER SET search_path = %I, pg_temp',
                 current_schema());
  EXECUTE format('ALTER FUNCTION audit_change() SET search_path = %I, pg_temp', current_schema());
END
$$;
REVOKE EXECUTE ON FUNCTION make_partition(text, timestamptz) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION drop_partitions(text, timestamptz, boolean) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION delete_expired(text, text, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION make_partition(text, timestamptz) TO auscult_call;

-- Every table of a site shows the sites of the call. The sub-select is evaluated once for a query, not for every row.
-- Partitions show nothing by themselves.
DO $$
DECLARE
  guarded regclass;
BEGIN
  FOR guarded IN SELECT pg_class.oid FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid AND attname = 'site_id'
                 WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') AND NOT attisdropped LOOP
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', guarded);
    CONTINUE WHEN (SELECT relispartition FROM pg_class WHERE oid = guarded);
    EXECUTE format('CREATE POLICY call_sites ON %s TO auscult_call USING (site_id = ANY ((SELECT call_sites())::bigint[]))',
                   guarded);
    IF guarded <> 'audit'::regclass THEN
      EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO auscult_call', guarded);
    END IF;
  END LOOP;
END
$$;
GRANT SELECT ON audit TO auscult_call;
-- Of no site: models for all, and long work, which belongs to whom its call allowed it.
GRANT SELECT ON model_version, model_activation TO auscult_call;
GRANT SELECT, INSERT, UPDATE, DELETE ON operation, rescore TO auscult_call;
-- What a site inherits.
CREATE POLICY plant ON retention_policy FOR SELECT TO auscult_call USING (site_id = 0);
ALTER TABLE quota ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY call_sites ON quota TO auscult_call USING (name IN (SELECT 'sites/' || slug || '/quota' FROM site));
GRANT SELECT, INSERT, UPDATE, DELETE ON quota TO auscult_call;
ALTER TABLE access_key ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
