-- +goose Up

-- Call backs: a promise to a caller, and the attempts to keep it, which are calls. What an attempt does in a queue is no
-- visit of a caller's: the caller's own has ended as a call back.
CREATE TABLE callbacks (
    callback  text PRIMARY KEY,
    call      text        NOT NULL, -- that asked for it
    queue     text        NOT NULL,
    number    text        NOT NULL,
    since     timestamptz NOT NULL, -- the place in the queue counts from here
    asked     timestamptz NOT NULL,
    expires   timestamptz NOT NULL,
    tries     integer     NOT NULL DEFAULT 0,
    ended     timestamptz,
    result    text CHECK (result IN ('reached', 'unreached', 'expired', 'cancelled')),
    waited_us bigint      NOT NULL DEFAULT 0,
    agent     text        NOT NULL DEFAULT '', -- who talked
    ended_by  text        NOT NULL DEFAULT '', -- who cancelled it
    CHECK ((ended IS NULL) = (result IS NULL))
);
CREATE INDEX callbacks_call ON callbacks (call);
CREATE INDEX callbacks_ended ON callbacks (ended, queue);
CREATE INDEX callbacks_asked ON callbacks (asked, queue);

ALTER TABLE visits ADD callback text NOT NULL DEFAULT ''; -- the promise that this visit is to keep

ALTER TABLE calls DROP CONSTRAINT calls_ending_check, ADD CONSTRAINT calls_ending_check CHECK (ending IN
    ('refused', 'ivr-hangup', 'ivr-complete', 'abandoned', 'caller', 'agent', 'message', 'callback', 'unreached', 'failed'));
ALTER TABLE offers DROP CONSTRAINT offers_result_check, ADD CONSTRAINT offers_result_check CHECK (result IN
    ('accepted', 'missed', 'rejected', 'withdrawn', 'lost', 'failed', 'unreached'));
ALTER TABLE audit DROP CONSTRAINT audit_act_check, ADD CONSTRAINT audit_act_check CHECK (act IN
    ('sign-in', 'sign-in-refused', 'sign-out', 'recording-played', 'user-changed', 'user-disabled', 'password-set',
     'access-refused', 'agent-overruled', 'callback-cancelled'));

-- +goose Down
ALTER TABLE audit DROP CONSTRAINT audit_act_check, ADD CONSTRAINT audit_act_check CHECK (act IN
    ('sign-in', 'sign-in-refused', 'sign-out', 'recording-played', 'user-changed', 'user-disabled', 'password-set',
     'access-refused', 'agent-overruled')) NOT VALID;
ALTER TABLE offers DROP CONSTRAINT offers_result_check, ADD CONSTRAINT offers_result_check CHECK (result IN
    ('accepted', 'missed', 'rejected', 'withdrawn', 'lost', 'failed')) NOT VALID;
ALTER TABLE calls DROP CONSTRAINT calls_ending_check, ADD CONSTRAINT calls_ending_check CHECK (ending IN
    ('refused', 'ivr-hangup', 'ivr-complete', 'abandoned', 'caller', 'agent', 'message', 'failed')) NOT VALID;
ALTER TABLE visits DROP callback;
DROP TABLE callbacks;
