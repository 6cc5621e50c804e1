#!/usr/bin/env python3
"""Types every form of the introduction (tests/data/introduction.txt) into one fresh session, and looks at what they do.

Once in `user`, where our verbs are at hand and some are redefined by what is typed; once in a namespace of its own,
where the sources and stages are plain functions of this test, so that the pipelines run to their end without a host.
The text leaves parts out with dots: those parts are left out here too, or filled in where the form needs something;
a check makes sure that each form here is the text's. Takes a few seconds.
"""

import re
import unittest
from pathlib import Path

from session import CRASH, Session

TEXT = (Path(__file__).resolve().parents[1] / "data" / "introduction.txt").read_text()

# Without the arrows of the picture around it.
LISTING = """(defn listing [hs]
  (run (ls hs "/" "-la") | (pick successful) | (pretty)))"""

HOSTS = "(defrecord Hosts [auth hosts])"

PKG = """(defprotocol Pkg
  (update
    [this]
    [this m]))"""

# The bodies are only comments in the text.
EXTEND_HOSTS = """(extend-type Hosts
  Pkg
  (update ([this] [this :updated]) ([this m] [this m])))"""

SYSTEMS = "(defrecord Systems [])"
TYPES = "(defrecord Types [])"

JOBS = """(defprotocol Jobs
  "System jobs"
  (stop [this items])
  (start [this items])
  (create [this items])
  (provision [this items]))"""

EXTEND_SYSTEMS = """(extend-type Systems
  Jobs
  (stop [this {:keys [systems] :as m}]
    [this (schedule m "stop" systems)])

  (start [this {:keys [systems] :as m}]
    [this (schedule m "start" systems)])

  (create [this {:keys [systems] :as m}]
    [this (schedule m "create" systems)]))"""

LIST = '''(defn list
  "List available instances:
    (list) ; list all systems
    (list ip) ; list all systems that have an ip (running)
    (list identity :types) ; list all types
  "
  ([]
   (list identity :systems))
  ([f]
   (list f :systems))
  ([f on]
   (case on
     :systems (run (ls systems) | (filter-by f) | (pretty))
     :types (run (ls types) | (pretty)))))'''

FORMS = [LISTING, HOSTS, PKG, EXTEND_HOSTS, SYSTEMS, TYPES, JOBS, EXTEND_SYSTEMS, LIST]


def tokens(text):
    return re.findall(r'"[^"]*"|[()\[\]{}]|[^\s()\[\]{}"]+', text)


class Introduction(unittest.TestCase):
    def setUp(self):
        self.session = Session()
        self.addCleanup(self.session.close)

    def type(self, form):
        """Types a form; an error is a failure, a warning about a redefined name is not."""
        reply = self.session.ask(form)
        self.assertIsNone(CRASH.search(reply.text), reply)
        noise = [line for line in reply.err.splitlines() if line.strip() and not re.search(r"(?i)warning|replac|shadow|redefin", line)]
        self.assertEqual([], noise, f"{form}\n{reply}")
        return reply

    def shows(self, form, expected):
        """The form's value, printed, is the expected text."""
        reply = self.type(f"(prn {form})")
        self.assertIn(expected + "\n", reply.out, f"{form}\n{reply}")

    def test_the_forms_are_those_of_the_text(self):
        text = tokens(TEXT)
        for form in FORMS:
            if form == EXTEND_HOSTS:
                continue  # filled in
            at = 0
            for token in tokens(form):
                if token in (")", "))", ")))"):
                    continue  # where dots were left out, brackets close earlier
                self.assertIn(token, text[at:], f"{token} of {form} is not in the introduction")
                at = text.index(token, at) + 1

    def test_in_user(self):
        self.shows("(ns-name *ns*)", "user")
        self.type(LISTING)
        self.shows("(:arglists (meta #'listing))", "([hs])")

        self.type(HOSTS)
        self.shows('(:hosts (->Hosts {:user "me"} ["a" "b"]))', '["a" "b"]')
        self.type(PKG)
        self.type(EXTEND_HOSTS)
        self.shows('(second (update (->Hosts {} ["a"])))', ":updated")
        self.shows('(second (update (->Hosts {} ["a"]) {:safe true}))', "{:safe true}")
        self.shows("(clojure.core/update {:a 1} :a inc)", "{:a 2}")

        self.type(SYSTEMS)
        self.type(TYPES)
        self.type(JOBS)
        self.type(EXTEND_SYSTEMS)
        self.shows("(map (comp :arglists meta) [#'stop #'provision])", "(([this items]) ([this items]))")
        self.shows("(instance? Systems (first (stop (->Systems) {:systems []})))", "true")
        self.shows("(satisfies? Jobs (->Types))", "false")

        self.type(LIST)
        self.shows("(fn? list)", "true")
        self.shows("(:arglists (meta #'list))", "([] [f] [f on])")
        self.shows("(clojure.core/list 1 2)", "(1 2)")
        self.type('(add fake defaults (local) small :redis (with-host "typed1") "cache")')
        self.type('(add fake defaults small :redis (with-host "typed2") (fn [m] (assoc-in m [:machine :ip] "192.0.2.1")))')
        for form, hosts in (("(list)", ["typed1", "typed2"]), ("(list ip)", ["typed2"])):
            said = self.type(form).out
            self.assertEqual(hosts, re.findall(r"typed\d", said), said)
        self.type("(re-core.repl/create cog 'user/listing (src \"/srv/resources/\") :redis \"a cache\")")
        self.assertIn("user/listing", self.type("(list identity :types)").out)
        # The redefinitions shadow names in `user` only: what is built on the originals goes on working.
        self.shows("(macroexpand-1 '(when a b c))", "(if a (do b c))")
        self.shows("(let [{:keys [a] :or {a 1}} {}] (update-in {:n a} [:n] inc))", "{:n 2}")

    def test_in_a_namespace_of_its_own(self):
        self.type("(ns introduction.own (:refer-clojure :exclude [list update])"
                  " (:require [re-mote.repl.base :refer [run |]]))")
        self.shows("(ns-name *ns*)", "introduction.own")
        self.type("(def scheduled (atom []))")
        self.type("(defn schedule [m topic systems] (swap! scheduled conj [topic systems]) {:topic topic})")
        self.type("(def systems [{:id 1 :ip \"192.0.2.1\"} {:id 2}])")
        self.type("(def types [{:type :redis}])")
        self.type("(def ip :ip)")
        self.type("(defn ls ([source] [source {:successful source :failure []}])"
                  " ([hs path flags] [hs {:successful (mapv #(str % path flags) (:hosts hs)) :failure [:down]}]))")
        self.type("(def successful :successful)")
        self.type("(defn pick [this res f] [(update-in this [:hosts] subvec 0 1) {:picked (f res)}])")
        self.type("(defn filter-by [this res f] [this {:successful (filterv f (:successful res))}])")
        self.type('(defn pretty [this res] (println "pretty" (or (:picked res) (:successful res))) [this res])')

        self.type(LISTING)
        reply = self.type('(prn (:hosts (first (listing {:hosts ["a" "b"]}))))')
        self.assertIn("pretty [a/-la b/-la]", reply.out)
        self.assertIn('["a"]', reply.out)

        # The two expansions that the text spells out mean the same as `run`.
        self.type('(def hs {:hosts ["c" "d"]})')
        reply = self.type('(prn (= (run (ls hs "/" "-la") | (pick successful) | (pretty))'
                          ' (| (| (ls hs "/" "-la") (pick successful)) (pretty))))')
        self.assertIn("true\n", reply.out)
        self.assertEqual(2, reply.out.count("pretty [c/-la d/-la]"))
        self.shows("(let [[this' res] (ls hs \"/\" \"-la\")] (:picked (second (pick this' res successful))))",
                   '["c/-la" "d/-la"]')
        # `|` evaluates its source once, and captures nothing of what surrounds it.
        self.type("(def asked (atom 0))")
        self.shows("(let [this :mine res :too] (run (do (swap! asked inc) (ls [:s])) | ((fn [_ r] [this res (:successful r)]))))",
                   "[:mine :too [:s]]")
        self.shows("@asked", "1")

        for form in (HOSTS, PKG, EXTEND_HOSTS, SYSTEMS, TYPES, JOBS, EXTEND_SYSTEMS):
            self.type(form)
        self.shows('(update (->Hosts {:user "me"} ["a"]) {:safe true})',
                   '[#introduction.own.Hosts{:auth {:user "me"}, :hosts ["a"]} {:safe true}]')
        self.shows('(second (start (->Systems) {:systems [1 2]}))', '{:topic "start"}')
        self.shows('(map second [(stop (->Systems) {:systems [3]}) (create (->Systems) {:systems []})])',
                   '({:topic "stop"} {:topic "create"})')
        self.shows("@scheduled", '[["start" [1 2]] ["stop" [3]] ["create" []]]')
        reply = self.session.ask("(provision (->Systems) {})")
        self.assertRegex(reply.err, r"provision")

        self.type(LIST)
        reply = self.type("(do (list) nil)")
        self.assertIn("pretty [{:id 1, :ip 192.0.2.1} {:id 2}]", reply.out)
        reply = self.type("(do (list ip) nil)")
        self.assertIn("pretty [{:id 1, :ip 192.0.2.1}]", reply.out)
        reply = self.type("(do (list identity :types) nil)")
        self.assertIn("pretty [{:type :redis}]", reply.out)
        reply = self.session.ask("(list identity :nothing)")
        self.assertRegex(reply.err, r"(?i)no matching clause")
        self.shows("(clojure.core/list 1 2)", "(1 2)")
        self.shows("(:doc (meta #'list))", '"List available instances:\\n    (list) ; list all systems\\n'
                   '    (list ip) ; list all systems that have an ip (running)\\n'
                   '    (list identity :types) ; list all types\\n  "')


if __name__ == "__main__":
    unittest.main()
