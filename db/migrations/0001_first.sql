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
  revision bigint NOT NULL DEFAULT 1
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
  detail json,                          -- evidence and contributions of the last record; read whole, written often
  PRIMARY KEY (asset_id, point_id),
  FOREIGN KEY (asset_id, point_id) REFERENCES point ON DELETE CASCADE
) WITH (fillfactor = 50);               -- rewritten with every batch: room for the new version on the same page
ALTER TABLE point_state ALTER COLUMN state SET STORAGE EXTERNAL;  -- floats do not compress

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

-- What a model said of it: one row for each record and model version.
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
  PRIMARY KEY (asset_id, point_id, measured_at, model_version)
) PARTITION BY RANGE (measured_at);

-- Raw samples as they were sent.
CREATE TABLE waveform (
  asset_id bigint NOT NULL,
  point_id bigint NOT NULL,
  measured_at timestamptz NOT NULL,
  site_id bigint NOT NULL,
  kept_for smallint NOT NULL,           -- 1 being recent, 2 being an n-th record
  sample_rate_hz double precision NOT NULL,
  content_hash bytea NOT NULL,          -- of the message that brought the samples
  channels jsonb NOT NULL,              -- unit, encoding, scale and offset of each channel
  samples bytea NOT NULL,               -- the channels' octets, one after the other
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

-- Makes the partition of `parent` that `instant` falls into, unless it is there: a month, of waveform an ISO week,
-- both UTC. Attached rather than created in place, for that takes no lock that stops readers or writers.
CREATE FUNCTION make_partition(parent text, instant timestamptz) RETURNS boolean
LANGUAGE plpgsql SET timezone = 'UTC' SET datestyle = 'ISO' AS $$
DECLARE
  step text := CASE parent WHEN 'waveform' THEN 'week' ELSE 'month' END;
  first_instant timestamptz := date_trunc(step, instant);
  next_instant timestamptz := first_instant + ('1 ' || step)::interval;
  child text := parent || to_char(first_instant, CASE step WHEN 'week' THEN '_IYYY"w"IW' ELSE '_YYYY_MM' END);
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

-- Drops the weeks of waveform that ended before `instant` and are empty. Gives up after two seconds of waiting for a
-- lock, rather than stop those who write: the next call finds the same weeks.
CREATE FUNCTION drop_waveform_weeks(instant timestamptz) RETURNS integer
LANGUAGE plpgsql SET timezone = 'UTC' SET lock_timeout = '2s' AS $$
DECLARE
  week record;
  vacant boolean;
  dropped integer := 0;
BEGIN
  FOR week IN
    SELECT oid, relname FROM pg_class JOIN pg_inherits ON inhrelid = oid WHERE inhparent = 'waveform'::regclass
  LOOP
    CONTINUE WHEN to_date(right(week.relname, 7), 'IYYY"w"IW') + 7 > instant;
    EXECUTE format('SELECT NOT EXISTS (SELECT FROM %s)', week.oid::regclass) INTO vacant;
    CONTINUE WHEN NOT vacant;
    LOCK TABLE waveform IN ACCESS EXCLUSIVE MODE;
    EXECUTE format('SELECT NOT EXISTS (SELECT FROM %s)', week.oid::regclass) INTO vacant;
    IF vacant THEN  -- still, now that nobody can write
      EXECUTE format('DROP TABLE %s', week.oid::regclass);
      dropped := dropped + 1;
    END IF;
  END LOOP;
  RETURN dropped;
END
$$;
