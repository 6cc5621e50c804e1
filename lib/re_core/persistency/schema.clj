(ns re-core.persistency.schema
  "What the tables of the store look like, as the statements that lead from each version to the next. A version that was
  released is never changed: what is new is a further one.")

(def migrations
  "A vector of statements for each version of the schema."
  [["create table systems (
       id text primary key, hostname text, type text, hyp text, ip text,
       version integer not null, created integer not null, updated integer not null, data text not null)"
    "create index systems_by_hostname on systems (hostname)"
    "create index systems_by_type on systems (type)"
    "create index systems_by_hyp on systems (hyp)"
    "create index systems_by_ip on systems (ip)"
    "create table types (id text primary key, created integer not null, updated integer not null, data text not null)"
    ;; seq is the order in which jobs were asked for: those of one system run in it.
    "create table jobs (
       seq integer primary key autoincrement, id text not null unique, topic text not null, system text not null,
       hostname text, state text not null, step text, since integer, direction text not null default 'do',
       created integer not null, started integer, ended integer, asked_by text,
       steps text, args text not null, message text, error text, result text)"
    "create index jobs_by_state on jobs (state)"
    "create index jobs_by_system on jobs (system)"
    "create table steps (
       job text not null, n integer not null, direction text not null, name text not null, state text not null,
       attempt integer not null, started integer not null, ended integer, output text, message text,
       primary key (job, n, direction))"
    "create table fake_machines (id text primary key, name text not null unique, status text not null, data text not null)"]
   ["create table runs (
       seq integer primary key autoincrement, id text not null unique, kind text not null, form text, namespace text, closed integer,
       stage text, started integer not null, ended integer, hosts integer, failed integer, codes text, user text, peer text, error text,
       results text, size integer not null default 0, under_way integer not null default 0)"
    "alter table jobs add column run text"
    "drop index jobs_by_state"
    "create index jobs_under_way on jobs (state) where state in ('queued', 'locked', 'running', 'waiting')"
    "alter table steps rename to old_steps"
    "create table steps (
       job text not null, n integer not null, direction text not null, name text not null, state text not null,
       attempt integer not null, started integer not null, ended integer, output text, message text,
       primary key (job, n, direction)) without rowid"
    "insert into steps select * from old_steps"
    "drop table old_steps"
    "create index jobs_by_run on jobs (run)"
    ;; Only added to: what is changed or taken out in spite of the triggers, the digests tell.
    "create table audit (
       n integer primary key, at integer not null, user text, peer text, kind text not null, what text, targets text, outcome text,
       previous text not null, hash text not null)"
    "create trigger audit_keeps before update on audit begin select raise(abort, 'the audit trail is only added to'); end"
    "create trigger audit_stays before delete on audit begin select raise(abort, 'the audit trail is only added to'); end"]
   ["create table schedules (
       key blob not null unique, period blob not null, call text not null, args blob, peer blob, created integer not null,
       next integer, last integer, took integer, runs integer not null default 0, errors integer not null default 0, error text,
       skipped integer not null default 0, missed integer not null default 0)"
    "create index jobs_by_ended on jobs (ended)"]
   ;; What an entry of the trail itself says to be pruned may go.
   ["drop trigger audit_stays"
    "create trigger audit_stays before delete on audit
       when old.n > coalesce((select cast(targets as integer) from audit where kind = 'pruned' order by n desc limit 1), 0)
       begin select raise(abort, 'the audit trail is only added to'); end"]])
