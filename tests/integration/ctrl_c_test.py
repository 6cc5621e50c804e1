#!/usr/bin/env python3
"""Ctrl-C in a pipeline, at each place where it may fall: before an operation, within one, between two, between tries and batches. What
there is of results stays, with one entry for every host. Interrupts come from the forms themselves, so that each falls exactly where it
is meant to. Two real hosts and one that is down; takes ten seconds.
"""

import unittest

from fleet import Fleet
from session import CRASH, Session

fleet = None

# Interrupts the thread as Ctrl-C does; ended gives what a pipeline ends in: the type of its error, the codes and the reasons of all its hosts.
FORMS = """
(def up (hosts "web[1-2]"))
(def down (single "db1"))
(defn ctrl-c [] (.interrupt (Thread/currentThread)))
(def pressed (atom false))
(defn ctrl-c-once [] (when (compare-and-set! pressed false true) (ctrl-c)))
(defn interrupting [this results] (ctrl-c) [this results])
(defn outcome [[_ results]]
  [(mapv (juxt :host :code re-mote.repl.results/reason) (re-mote.repl.results/entries results))])
(defmacro ended [form]
  `(try
     (into [:returned] (outcome ~form))
     (catch InterruptedException _# [:thrown])
     (catch Exception e#
       (let [data# (ex-data (or (ex-cause e#) e#))]
         (into [(:type data#)] (outcome (:pair data#)))))))
; So that none of these counts as a second one, soon after the first.
(defn fresh [] (reset! pressed false) (.set @#'re-mote.repl.interrupts/given-up-at nil))
"""


def setUpModule():
    global fleet
    fleet = Fleet()
    unittest.addModuleCleanup(fleet.stop)


class CtrlC(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.session = Session(**fleet.environment())
        cls.addClassCleanup(cls.session.close)
        cls.session.ask(FORMS)

    def shows(self, form, expected):
        reply = self.session.ask(f"(fresh) (prn {form})")
        self.assertIsNone(CRASH.search(reply.text), reply)
        self.assertEqual("", reply.err.strip(), reply)
        self.assertIn(expected + "\n", reply.out, reply)

    def test_when_an_operation_begins(self):
        mark = fleet.folder / "begun"
        self.shows(f'(ended (run (exec up (fn [_] (ctrl-c-once) "touch {mark}")) | (pretty)))',
                   '[:re-mote/cancelled [["web1" -1 :cancelled] ["web2" -1 :cancelled]]]')
        self.assertFalse(mark.exists(), "the command was begun all the same")

    def test_outside_of_a_pipeline(self):
        self.shows('(let [[this :as pair] (exec up (fn [_] (ctrl-c-once) "true"))] (into [(:hosts this)] (outcome pair)))',
                   '[[] [["web1" -1 :cancelled] ["web2" -1 :cancelled]]]')

    def test_when_the_results_are_there(self):
        self.shows('(ended (run (exec up "echo one" {:parse (fn [_] (ctrl-c-once) :one)}) | (exec "exit 3") | (pretty)))',
                   '[:re-mote/cancelled [["web1" 0 nil] ["web2" 0 nil]]]')

    def test_between_two_operations(self):
        self.shows('(ended (run (exec up "true") | (interrupting) | (exec "exit 3")))',
                   '[:re-mote/cancelled [["web1" 0 nil] ["web2" 0 nil]]]')
        self.shows('(ended (run (run (exec up "true") | (interrupting)) | (exec "exit 3")))',
                   '[:re-mote/cancelled [["web1" 0 nil] ["web2" 0 nil]]]')

    def test_output_stages_run_all_the_same(self):
        self.shows('(def shown (with-out-str (ended (run (exec up "echo said") | (interrupting) | (pretty)))))', "#'user/shown")
        self.shows("(boolean (re-find #\"web\\[1-2\\] \\(2 hosts\\) said\" shown))", "true")

    def test_in_the_last_stage(self):
        self.shows('(ended (run (exec up "true") | (interrupting)))', '[:re-mote/cancelled [["web1" 0 nil] ["web2" 0 nil]]]')

    def test_in_a_stage_that_waits(self):
        self.shows('(ended (run (exec up "true") | ((fn [this results] (ctrl-c) (Thread/sleep 600000) [this {}])) | (exec "exit 3")))',
                   '[:re-mote/cancelled [["web1" 0 nil] ["web2" 0 nil]]]')
        self.shows('(ended (run (exec up "true") | (tee (fn [_ _] (ctrl-c) @(promise)))))', '[:re-mote/cancelled [["web1" 0 nil] ["web2" 0 nil]]]')

    def test_in_a_stage_that_computes_the_second_one_counts(self):
        self.shows('(ended (run (exec up "true") | ((fn [this results] (ctrl-c) (ctrl-c) (while true)))))',
                   '[:re-mote/cancelled [["web1" 0 nil] ["web2" 0 nil]]]')

    def test_before_a_further_try(self):
        self.shows('(ended (run (exec down "true") | (interrupting) | (retry {:times 1000000 :wait 0})))', '[:re-mote/cancelled [["db1" -1 :refused]]]')
        self.shows('(ended (run (exec down "true") | (retry {:times 1 :wait 600000 :reasons (do (ctrl-c) #{:refused})})))',
                   '[:re-mote/cancelled [["db1" -1 :refused]]]')

    def test_in_a_further_try(self):
        self.shows('(def tries (atom 0))', "#'user/tries")
        self.shows("""(ended (run (exec (hosts "web1,db1") (fn [host] (when (and (= "db1" host) (= 3 (swap! tries inc))) (ctrl-c)) "true"))
                           | (retry {:times 1000000 :wait 0})))""",
                   '[:re-mote/cancelled [["web1" 0 nil] ["db1" -1 :cancelled]]]')
        self.shows("@tries", "3")

    def test_between_batches(self):
        self.shows("""(ended (rolling (hosts "web1,db1,web2") {:stop-after nil}
                             (fn [hs] (exec hs "true" {:parse (fn [_] (ctrl-c))}))))""",
                   '[:returned [["web1" 0 nil] ["db1" -1 :cancelled] ["web2" -1 :cancelled]]]')
        self.shows("""(ended (run (rolling (hosts "web1,db1,web2") {:stop-after nil}
                                  (fn [hs] (run (exec hs "true" {:parse (fn [_] (ctrl-c))}) | (exec "exit 3")))) | (exec "exit 4")))""",
                   '[:re-mote/cancelled [["web1" 0 nil] ["db1" -1 :cancelled] ["web2" -1 :cancelled]]]')
        self.shows("""(ended (run (rolling up {:pause 600000 :stop-after nil} (fn [hs] (let [pair (exec hs "true")] (ctrl-c) pair))) | (exec "exit 4")))""",
                   '[:re-mote/cancelled [["web1" 0 nil] ["web2" -1 :cancelled]]]')
        self.shows("""(ended (run (rolling up {:stop-after nil} (fn [hs] (ctrl-c) (Thread/sleep 600000))) | (exec "exit 4")))""",
                   '[:re-mote/cancelled [["web1" -2 :cancelled] ["web2" -1 :cancelled]]]')

    def test_in_a_person_s_answer_to_batches(self):
        self.shows("""(ended (with-in-str "no" (run (rolling up {:stop-after nil} (fn [hs] (run (exec hs "true") | (confirm)))) | (exec "exit 4"))))""",
                   '[:re-mote/not-confirmed [["web1" 0 nil] ["web2" -1 :not-confirmed]]]')

    def test_in_the_background(self):
        self.shows('(ended (deref (run (exec up "true") | (interrupting) | (exec "exit 3") | (async))))',
                   '[:re-mote/cancelled [["web1" 0 nil] ["web2" 0 nil]]]')

    def test_while_it_is_written_down(self):
        written = "(with-redefs [re-mote.history.results/compact (fn [_] (ctrl-c) {})]"
        self.shows(f'(ended {written} (run (exec up "true") | (pick successful))))', '[:re-mote/cancelled [["web1" 0 nil] ["web2" 0 nil]]]')
        self.shows(f'(let [[this :as pair] {written} (exec up "true"))] (into [(:hosts this)] (outcome pair)))', '[[] [["web1" 0 nil] ["web2" 0 nil]]]')

    def test_reviewing_host_keys(self):
        self.shows('(ended (run (exec up "true") | (interrupting) | (accept-host-keys)))', '[:re-mote/cancelled [["web1" 0 nil] ["web2" 0 nil]]]')
        self.shows('(ended (do (ctrl-c) (accept-host-keys up)))', "[:thrown]")

    def test_a_second_one_soon_after_ends_what_is_around(self):
        self.shows("""(try (dotimes [_ 1000000] (exec up (fn [_] (ctrl-c) "true"))) (catch InterruptedException _ :thrown))""", ":thrown")
        self.shows('(+ 1 1)', "2")


if __name__ == "__main__":
    unittest.main()
