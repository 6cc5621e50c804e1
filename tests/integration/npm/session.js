// A session of npm's nrepl-client with a server on the port given: prints what it heard, as one line of JSON.
const client = require('nrepl-client');

const connection = client.connect({ host: '127.0.0.1', port: Number(process.argv[2]) });
const heard = {};

// The client calls back at the first message with a status, and again later; what counts is the one that is done.
function ask(send) {
  return new Promise((resolve, reject) => {
    const all = [];
    send((error, messages) => {
      if (error) return reject(error);
      for (const message of messages) if (!all.includes(message)) all.push(message);
      if (all.some((m) => (m.status || []).includes('done'))) resolve(all);
    });
  });
}

const field = (messages, name) => messages.filter((m) => name in m).map((m) => m[name]);
const evaluate = (code, session) => ask((done) => connection.send({ op: 'eval', code, session }, done));

async function session() {
  heard.ops = Object.keys((await ask((done) => connection.describe(undefined, true, done)))[0].ops);
  heard.simple = field(await ask((done) => connection.eval('(+ 1 2) (println "héλ") :end', done)), 'value');
  const failed = await evaluate('(/ 1 0)');
  heard.failed = { ex: field(failed, 'ex'), err: field(failed, 'err').join('') };

  const [one] = field(await ask((done) => connection.clone(done)), 'new-session');
  const [two] = field(await ask((done) => connection.clone(one, done)), 'new-session');
  await evaluate('(ns npm.one) (def x 5)', one);
  heard.own = [field(await evaluate('(ns-name *ns*)', one), 'value'), field(await evaluate('(ns-name *ns*)', two), 'value')];

  const file = '(ns npm.file)\n(defn f [] (throw (ex-info "in a file" {})))\n';
  await ask((done) => connection.loadFile(file, 'file.clj', '/src/npm/file.clj', done));
  heard.file = field(await evaluate('(npm.file/f)'), 'err').join('');

  await ask((done) => connection.stdin('typed\n', done));
  heard.typed = field(await evaluate('(read-line)'), 'value');

  const blocked = evaluate('@(promise)', one);
  let status;
  do {
    status = (await ask((done) => connection.interrupt(one, undefined, done)))[0].status;
  } while (status.includes('session-idle'));
  heard.interrupted = field(await blocked, 'status').flat();

  heard.closed = field(await ask((done) => connection.close(two, done)), 'status').flat();
  await ask((done) => connection.lsSessions(done));
  heard.left = [connection.sessions.includes(one), connection.sessions.includes(two)];
}

connection.once('connect', () => {
  session().then(
    () => {
      console.log(JSON.stringify(heard));
      connection.end();
    },
    (error) => {
      console.error(error);
      process.exit(1);
    },
  );
});
