CREATE TABLE schema_version (
  version integer PRIMARY KEY,
  applied_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE site (
  site_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  slug text NOT NULL UNIQUE,
  display_name text NOT NULL DEFAULT '',
  time_zone text NOT NULL DEFAULT '',
  create_time timestamptz NOT NULL DEFAULT now(),
  update_time timestamptz NOT NULL DEFAULT now(),
  revision bigint NOT NULL DEFAULT 1
);

-- Bearings that a site added itself; the built-in catalogue is compiled in.
CREATE TABLE bearing (
  site_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
  slug text NOT NULL,
  definition jsonb NOT NULL,  -- auscult.v1.Bearing
  PRIMARY KEY (site_id, slug)
);

CREATE TABLE asset (
  asset_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  site_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
  slug text NOT NULL,
  parent_asset_id bigint,     -- same site; no foreign key, it would cross assets
  display_name text NOT NULL DEFAULT '',
  kind text NOT NULL DEFAULT '',
  machine jsonb NOT NULL DEFAULT '{}',  -- auscult.v1.Machine
  create_time timestamptz NOT NULL DEFAULT now(),
  update_time timestamptz NOT NULL DEFAULT now(),
  revision bigint NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX asset_slug ON asset (site_id, slug);

CREATE TABLE point (
  asset_id bigint NOT NULL REFERENCES asset ON DELETE CASCADE,
  point_id bigint GENERATED ALWAYS AS IDENTITY,
  site_id bigint NOT NULL,
  slug text NOT NULL,
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
  health real,
  severity real,
  zone smallint,
  verdict smallint,
  confidence real,
  quality integer NOT NULL DEFAULT 0,   -- of the last record
  learning_progress real NOT NULL DEFAULT 0,
  detail jsonb,                         -- evidence and contributions of the last record
  PRIMARY KEY (asset_id, point_id),
  FOREIGN KEY (asset_id, point_id) REFERENCES point ON DELETE CASCADE
);

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
  channels jsonb NOT NULL,              -- unit, encoding, scale and offset of each channel
  samples bytea NOT NULL,               -- the channels' octets, one after the other
  PRIMARY KEY (asset_id, point_id, measured_at)
) PARTITION BY RANGE (measured_at);
ALTER TABLE waveform ALTER COLUMN samples SET STORAGE EXTERNAL;

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
  quantity text NOT NULL,
  measured_at timestamptz NOT NULL,
  site_id bigint NOT NULL,
  value double precision NOT NULL,
  PRIMARY KEY (asset_id, quantity, measured_at)
) PARTITION BY RANGE (measured_at);
