-- +goose Up

-- Where the projector stands: the last record of the log whose facts are in the tables below. It moves in the same
-- transaction as they do, so that each record is applied once.
CREATE TABLE followed (
    one    boolean PRIMARY KEY DEFAULT true CHECK (one),
    stream text        NOT NULL,
    seq    bigint      NOT NULL CHECK (seq >= 0),
    hash   bytea       NOT NULL,
    at     timestamptz NOT NULL
);

-- Facts that the tables refused, and records that the log lost. Each is an alarm for an engineer; nothing waits for them.
CREATE TABLE unapplied (
    seq   bigint      NOT NULL,
    n     integer     NOT NULL,
    at    timestamptz NOT NULL,
    kind  text        NOT NULL,
    fact  text        NOT NULL,
    error text        NOT NULL,
    PRIMARY KEY (seq, n, kind)
);

CREATE TABLE users (
    login    text PRIMARY KEY,
    name     text        NOT NULL,
    role     text        NOT NULL CHECK (role IN ('agent', 'supervisor', 'admin')),
    agent    text        NOT NULL DEFAULT '',
    hash     text        NOT NULL DEFAULT '',
    disabled boolean     NOT NULL DEFAULT false,
    created  timestamptz NOT NULL
);
CREATE UNIQUE INDEX users_seat ON users (agent) WHERE agent <> '' AND NOT disabled;

CREATE TABLE sessions (
    key     bytea PRIMARY KEY, -- sha256 of the token
    login   text        NOT NULL REFERENCES users ON DELETE CASCADE,
    created timestamptz NOT NULL,
    expires timestamptz NOT NULL,
    addr    text        NOT NULL,
    browser text        NOT NULL
);
CREATE INDEX sessions_login ON sessions (login);
CREATE INDEX sessions_expires ON sessions (expires);

CREATE TABLE audit (
    id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at    timestamptz NOT NULL,
    login text        NOT NULL,
    addr  text        NOT NULL,
    act   text        NOT NULL CHECK (act IN ('sign-in', 'sign-in-refused', 'sign-out', 'recording-played', 'user-changed',
                                              'user-disabled', 'password-set', 'access-refused', 'agent-overruled')),
    about text        NOT NULL,
    text  text        NOT NULL
);
CREATE INDEX audit_at ON audit (at);
CREATE INDEX audit_about ON audit (about, at);

-- From here on: what the facts say. These tables do not refer to each other by foreign keys, because the log is the
-- authority: a call of which only the end is in the log still has its end recorded.
-- Lengths of time are microseconds (…_us).

CREATE TABLE calls (
    call        text PRIMARY KEY,
    channel     text        NOT NULL,
    node        text        NOT NULL,
    line        text        NOT NULL,
    trunk       text        NOT NULL,
    via         text        NOT NULL,
    number      text        NOT NULL,
    withheld    boolean     NOT NULL,
    name        text        NOT NULL,
    region      text        NOT NULL,
    lang        text        NOT NULL DEFAULT '',
    path        jsonb       NOT NULL DEFAULT '[]',
    arrived     timestamptz NOT NULL,
    answered    timestamptz,
    ended       timestamptz,
    ending      text CHECK (ending IN ('refused', 'ivr-hangup', 'ivr-complete', 'abandoned', 'caller', 'agent', 'message', 'failed')),
    cause       integer     NOT NULL DEFAULT 0,
    inferred    boolean     NOT NULL DEFAULT false,
    quarantined text        NOT NULL DEFAULT '',
    queue       text        NOT NULL DEFAULT '', -- the last one
    agent       text        NOT NULL DEFAULT '', -- the last one
    waited_us   bigint      NOT NULL DEFAULT 0,
    talked_us   bigint      NOT NULL DEFAULT 0,
    CHECK (number = '' OR NOT withheld),
    CHECK ((ended IS NULL) = (ending IS NULL))
);
CREATE INDEX calls_arrived ON calls (arrived, call);
CREATE INDEX calls_number ON calls (number, arrived) WHERE number <> '';

CREATE TABLE visits (
    visit        text PRIMARY KEY,
    call         text        NOT NULL,
    queue        text        NOT NULL,
    priority     integer     NOT NULL,
    came_from    text        NOT NULL,
    asked        text        NOT NULL, -- the one agent asked for
    began        timestamptz NOT NULL,
    ended        timestamptz,
    outcome      text CHECK (outcome IN ('answered', 'abandoned', 'callback', 'message', 'overflowed', 'failed')),
    waited_us    bigint      NOT NULL DEFAULT 0,
    agent        text        NOT NULL DEFAULT '', -- who answered
    threshold_us bigint      NOT NULL DEFAULT 0,
    inferred     boolean     NOT NULL DEFAULT false,
    CHECK ((ended IS NULL) = (outcome IS NULL))
);
CREATE INDEX visits_call ON visits (call);
CREATE INDEX visits_ended ON visits (ended, queue);

CREATE TABLE offers (
    offer  text PRIMARY KEY,
    call   text        NOT NULL,
    visit  text        NOT NULL,
    queue  text        NOT NULL,
    agent  text        NOT NULL,
    reason text        NOT NULL,
    made   timestamptz NOT NULL,
    ended  timestamptz,
    result text CHECK (result IN ('accepted', 'missed', 'rejected', 'withdrawn', 'lost', 'failed')),
    CHECK ((ended IS NULL) = (result IS NULL))
);
CREATE INDEX offers_call ON offers (call);
CREATE INDEX offers_agent ON offers (agent, made);

CREATE TABLE talks (
    talk      text PRIMARY KEY,
    call      text        NOT NULL,
    visit     text        NOT NULL,
    queue     text        NOT NULL,
    agent     text        NOT NULL,
    ticket    text        NOT NULL,
    began     timestamptz NOT NULL,
    ended     timestamptz,
    how       text CHECK (how IN ('caller', 'agent', 'transferred', 'lost')),
    talked_us bigint      NOT NULL DEFAULT 0,
    held_us   bigint      NOT NULL DEFAULT 0,
    CHECK ((ended IS NULL) = (how IS NULL))
);
CREATE INDEX talks_call ON talks (call);
CREATE INDEX talks_agent ON talks (agent, began);

CREATE TABLE holds (
    talk  text        NOT NULL,
    began timestamptz NOT NULL,
    ended timestamptz,
    PRIMARY KEY (talk, began)
);

-- The single moments of a call's time line.
CREATE TABLE marks (
    call  text        NOT NULL,
    seq   bigint      NOT NULL,
    n     integer     NOT NULL,
    at    timestamptz NOT NULL,
    kind  text        NOT NULL,
    agent text        NOT NULL,
    queue text        NOT NULL,
    text  text        NOT NULL,
    PRIMARY KEY (call, seq, n)
);

CREATE TABLE messages (
    message     text PRIMARY KEY,
    call        text        NOT NULL,
    category    text        NOT NULL,
    queue       text        NOT NULL,
    ticket      text        NOT NULL DEFAULT '',
    began       timestamptz NOT NULL,
    ended       timestamptz,
    duration_us bigint      NOT NULL DEFAULT 0,
    empty       boolean     NOT NULL DEFAULT false,
    failed      text        NOT NULL DEFAULT '',
    done        timestamptz,
    done_by     text        NOT NULL DEFAULT ''
);
CREATE INDEX messages_call ON messages (call);
CREATE INDEX messages_undone ON messages (ended) WHERE done IS NULL AND NOT empty;
CREATE INDEX messages_done ON messages (done) WHERE done IS NOT NULL;

CREATE TABLE recordings (
    recording   text PRIMARY KEY,
    call        text        NOT NULL,
    kind        text        NOT NULL CHECK (kind IN ('talk', 'message')),
    began       timestamptz NOT NULL,
    ended       timestamptz,
    state       text        NOT NULL CHECK (state IN ('running', 'fetching', 'ready', 'lost')),
    file        text        NOT NULL DEFAULT '',
    bytes       bigint      NOT NULL DEFAULT 0,
    duration_us bigint      NOT NULL DEFAULT 0,
    sha256      text        NOT NULL DEFAULT '',
    channels    integer     NOT NULL DEFAULT 0,
    why         text        NOT NULL DEFAULT '',
    CHECK (state <> 'ready' OR file <> '')
);
CREATE INDEX recordings_call ON recordings (call);

CREATE TABLE tickets (
    ticket    text PRIMARY KEY,
    version   integer     NOT NULL CHECK (version >= 1),
    state     text        NOT NULL CHECK (state IN ('open', 'closed')),
    opened    timestamptz NOT NULL,
    channel   text        NOT NULL CHECK (channel IN ('phone', 'message', 'browser')),
    queue     text        NOT NULL,
    lang      text        NOT NULL,
    owner     text        NOT NULL,
    call      text        NOT NULL,
    message   text        NOT NULL,
    name      text        NOT NULL,
    number    text        NOT NULL,
    withheld  boolean     NOT NULL,
    address   text        NOT NULL DEFAULT '',
    region    text        NOT NULL,
    category  text        NOT NULL CHECK (category IN ('', 'consult', 'complaint', 'report', 'help', 'suggestion', 'praise', 'other')),
    grade     text        NOT NULL DEFAULT '' CHECK (grade IN ('', 'grievance', 'class-2', 'class-1', 'major')),
    happened  text        NOT NULL DEFAULT '',
    asked     text        NOT NULL DEFAULT '',
    edited    timestamptz NOT NULL,
    edited_by text        NOT NULL DEFAULT '',
    closed    timestamptz,
    closed_by text        NOT NULL DEFAULT '',
    CHECK ((state = 'closed') = (closed IS NOT NULL))
);
CREATE INDEX tickets_number ON tickets (number, ticket) WHERE number <> '' AND NOT withheld;
CREATE INDEX tickets_open ON tickets (owner, ticket) WHERE state = 'open';

CREATE TABLE ticket_calls (
    ticket text NOT NULL,
    call   text NOT NULL,
    PRIMARY KEY (ticket, call)
);
CREATE INDEX ticket_calls_call ON ticket_calls (call);

-- Every edit of a ticket; nothing is erased.
CREATE TABLE ticket_changes (
    ticket  text        NOT NULL REFERENCES tickets,
    version integer     NOT NULL,
    at      timestamptz NOT NULL,
    by      text        NOT NULL,
    fields  jsonb       NOT NULL,
    PRIMARY KEY (ticket, version)
);

-- What each agent did from when to when.
CREATE TABLE agent_periods (
    agent  text        NOT NULL,
    began  timestamptz NOT NULL,
    ended  timestamptz,
    state  text        NOT NULL CHECK (state IN ('not-ready', 'ready', 'offered', 'talking', 'held', 'wrap-up')),
    reason text        NOT NULL DEFAULT '',
    call   text        NOT NULL DEFAULT '',
    PRIMARY KEY (agent, began)
);
CREATE UNIQUE INDEX agent_periods_running ON agent_periods (agent) WHERE ended IS NULL;

-- +goose Down
DROP TABLE agent_periods, ticket_changes, ticket_calls, tickets, recordings, messages, marks, holds, talks, offers, visits, calls,
    audit, sessions, users, unapplied, followed;
