ALTER TABLE site ADD COLUMN false_alarms_per_point_year real;
ALTER TABLE site ADD COLUMN alarm_budget_per_week real;
ALTER TABLE point_state ADD COLUMN learn_since timestamptz;
ALTER TABLE point_state ADD COLUMN sensor_run smallint NOT NULL DEFAULT 0;
ALTER TABLE point_state ADD COLUMN case_kinds smallint NOT NULL DEFAULT 0;
ALTER TABLE point_state ADD COLUMN received_at timestamptz;
ALTER TABLE baseline ADD COLUMN origin text NOT NULL DEFAULT 'first';

ALTER TABLE score ADD COLUMN classifier_version integer NOT NULL DEFAULT 0;
ALTER TABLE score DROP CONSTRAINT score_pkey;
ALTER TABLE score ADD PRIMARY KEY (asset_id, point_id, measured_at, model_version, classifier_version);

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
  detail json
) WITH (fillfactor = 50);               -- rewritten with every call
ALTER TABLE process_state ALTER COLUMN state SET STORAGE EXTERNAL;

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
  kind text COLLATE "C" NOT NULL,       -- "train", "compare"
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
  attempts integer NOT NULL DEFAULT 0   -- claims that did not end in an orderly way, the present one included
);
CREATE INDEX operation_waiting ON operation (operation_id) WHERE done_time IS NULL;
