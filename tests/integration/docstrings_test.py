#!/usr/bin/env python3
"""The examples in the documentation of our verbs, evaluated on real hosts: each runs as it stands.

Nothing that may change a host runs: all is done as with :check true. Takes a few seconds.
"""

import os
import unittest

from fleet import Fleet
from session import CRASH, Home, run

SCRIPT = r"""
(in-ns 'user)
(require '[clojure.string :as string])

(defn examples
  "The examples of a docstring: lines that begin with four spaces and a form, and those that go on deeper."
  [doc]
  (loop [[line & more] (string/split-lines doc), inside false, found []]
    (cond
      (nil? line) (string/join "\n" found)
      (re-find #"^    [(@]" line) (recur more true (conj found line))
      (and inside (re-find #"^     " line)) (recur more true (conj found line))
      :else (recur more false found))))

(defn forms [text]
  (let [reader (java.io.PushbackReader. (java.io.StringReader. text))]
    (doall (take-while #(not= ::end %) (repeatedly #(read reader false ::end))))))

(def verbs
  (for [ns (all-ns)
        :when (re-find #"^re-mote\.(repl|zero|targets|command|secrets)" (str (ns-name ns)))
        [_ v] (sort-by key (ns-publics ns))
        ;; This one changes known_hosts.
        :when (and (:category (meta v)) (not= 'accept-host-key (:name (meta v))))]
    v))

;; What the examples speak of.
(spit "inventory.ini" "[web]\nweb1 rack=a\nweb2 rack=b\nweb3\n[dc1]\nweb1\nweb2\n[canary]\nweb1\n")
(spit "fingerprints.txt" "web1 SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n")
(def hs (hosts "web[1-2]"))
(def pair (run (exec hs (fn [host] (if (= "web2" host) "exit 1" "echo ok"))) | (tee (constantly nil))))
(require '[re-mote.repl.summary :refer [summary groups]] '[re-mote.repl.comparison :refer [diff-text]]
         '[re-mote.repl.tables :refer [rows table-text csv-text json-text]])
(def earlier-pair (exec hs "true"))

(def count-of (atom 0))
(doseq [v verbs
        form (forms (examples (:doc (meta v))))]
  (swap! count-of inc)
  (try
    (with-out-str
      (with-in-str "y\ny\n"
        (binding [re-mote.repl.base/*check* true *1 pair]
          (eval form))))
    (catch Exception e
      (when-not (= :re-mote/no-successful-hosts (:type (ex-data e)))
        (println (str v ": " (pr-str form) "\n    " (ex-message e) " " (ex-cause e)))))))
(println "examples:" @count-of "without one:"
         (string/join " " (map (comp :name meta) (remove #(seq (examples (:doc (meta %)))) verbs))))
"""


class Docstrings(unittest.TestCase):
    def test_every_example_runs(self):
        fleet = Fleet()
        self.addCleanup(fleet.stop)
        home = Home()
        self.addCleanup(home.remove)
        folder = home.path / "here"
        folder.mkdir()
        program = home.write("bin/terraform-inventory", "#!/bin/sh\necho '{\"web\": [\"web1\"]}'\n")
        program.chmod(0o755)
        environment = {**fleet.environment(), "PATH": f"{program.parent}:{os.environ['PATH']}", "REOPS_INVENTORY": str(folder / "inventory.ini")}
        result = run(home.write("examples.clj", SCRIPT), home=home, cwd=folder, **environment)
        self.assertIsNone(CRASH.search(result.out + result.err), result)
        self.assertEqual(0, result.code, result)
        self.assertEqual("", result.err)
        self.assertRegex(result.out, r"^examples: \d+ without one: \n$", "some do not run, or some verbs have none in their docstring")


if __name__ == "__main__":
    unittest.main()
