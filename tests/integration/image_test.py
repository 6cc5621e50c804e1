"""The image and the source of the library give the same language; what came with the image is changed as freely as anything."""

import os
import sys
import subprocess
import tempfile
import unittest

REOPS = os.environ["REOPS"]
DEADLINE = 120

# Everything public with its documentation, everything private by name, the macros and dynamic vars among them.
INVENTORY = """
(doseq [n (sort-by ns-name (all-ns))
        [s v] (sort-by (comp str key) (ns-interns n))]
  (prn (ns-name n) s (select-keys (meta v) [:doc :arglists :macro :dynamic :private :file :line :column :category])
       (some-> (when (bound? v) (deref v)) class)))
(prn (sort (loaded-libs)))
(prn (sort-by str (keys (ns-map 'user))))
"""

# What the image could have broken: one line each, printed by both.
BEHAVIOUR = """
(require '[clojure.set :as set] '[clojure.string :as string] 'clojure.test)
(prn (set/union #{1} #{2}) (string/join "," [1 2]))
(prn (identical? [] (vec nil)) (identical? {} (hash-map)) (identical? () (list)) (identical? #{} (set [])))
(prn (identical? :doc (keyword "doc")) (keyword "new" "one") (find-keyword "never" "interned"))
(prn (map #(= % (gensym)) (repeatedly 3 gensym)))
(prn (isa? Long Number) (class 1) (instance? Comparable "a") (= String (resolve 'String)))
(defmulti area :shape)
(defmethod area :square [{:keys [side]}] (* side side))
(prn (area {:shape :square :side 3}))
(defprotocol Sized (size [x]))
(extend-protocol Sized String (size [s] (count s)) Object (size [_] -1))
(prn (size "four") (size 1))
(prn (try (clojure.core/nth [1] 5) (catch Exception e (class e))))
(prn (with-out-str (doc juxt)))
(prn (re-find #"a+" "baab") (format "%5.2f" 1.5))
(binding [*print-length* 2] (prn (range 10)))
(clojure.test/deftest adds (clojure.test/is (= 2 (+ 1 1))))
(prn (select-keys (clojure.test/run-tests) [:pass :fail :error]))
"""

# Redefining what came with the image, over and over: what was there before is freed once and not more.
REDEFINITION = """
(ns clojure.core)
(dotimes [i 1000] (eval (list 'defn 'inc-twice '[x] (list 'vector i (list 'inc (list 'inc 'x))))))
(def before keep)
(dotimes [i 500] (alter-var-root #'keep (fn [f] (let [held (vec (range 100))] (fn [& args] (count held) (apply before args))))))
(prn (keep #(when (odd? %) %) (range 6)))
(alter-var-root #'keep (constantly before))
(alter-meta! #'keep assoc :doc "changed")
(ns user)
(prn (:doc (meta #'keep)) (inc-twice 1))
(let [a (atom nil)] (dotimes [_ 1000] (let [b (atom nil)] (reset! b b))))
(gc)
(prn (keep identity [1 nil 2]))
(let [threads (doall (for [i (range 4)] (future (dotimes [j 200] (alter-var-root #'inc-twice (fn [_] (fn [x] [i j x])))) i)))]
  (prn (map deref threads)))
(prn (vector? (inc-twice 3)))
(dotimes [_ 300] (alter-var-root #'*out* identity))
(println "still there")
(remove-ns 'clojure.set)
(require 'clojure.set :reload)
(prn ((resolve 'clojure.set/union) #{1} #{2}))
"""


def run(program, *flags, command=None):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("REOPS_")}
    with tempfile.TemporaryDirectory() as home, tempfile.NamedTemporaryFile("w", suffix=".clj") as script:
        environment["REOPS_HOME"] = home
        script.write(program)
        script.flush()
        done = subprocess.run([*(command or [REOPS]), *flags, script.name], capture_output=True, text=True,
                              timeout=DEADLINE, env=environment, stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout, done.stderr.replace(script.name, "SCRIPT")


class Image(unittest.TestCase):
    maxDiff = 4000

    def same(self, program):
        image, source = run(program), run(program, "--library-from-source")
        self.assertEqual(image[0], 0, image[2])
        self.assertEqual(image, source)
        return image[1]

    def test_the_same_is_there(self):
        lines = self.same(INVENTORY).splitlines()
        self.assertGreater(len(lines), 700)

    def test_it_behaves_the_same(self):
        self.same(BEHAVIOUR)

    def test_what_is_in_it_is_redefined(self):
        out = self.same(REDEFINITION).splitlines()
        self.assertEqual(out[0], "(1 3 5)")
        self.assertEqual(out[-1], "#{1 2}")


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]])
