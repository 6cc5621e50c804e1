(ns clojure.spec.test.alpha
  "Functions checked by their specs as they are called. There are no generators, so only `instrument` is here."
  (:require [clojure.spec.alpha :as s]))

(def ^:dynamic *instrument-enabled*
  "false: instrumented functions check nothing."
  true)

(defonce ^:private originals (atom {}))

(defn- checked
  "f, checking its arguments by the spec first."
  [sym f spec]
  (fn [& args]
    (when *instrument-enabled*
      (when-let [explanation (binding [*instrument-enabled* false] (s/explain-data (:args spec) (or args ())))]
        (throw (ex-info (str "Call to " sym " did not conform to its spec.\n"
                             (with-out-str (s/explain-out explanation)))
                        (assoc explanation ::s/fn sym, ::s/args args, ::s/failure :instrument)))))
    (apply f args)))

(defn instrumentable-syms
  "The symbols of all functions that have a spec of their arguments."
  []
  (set (for [[k spec] (s/registry) :when (and (symbol? k) (:args (s/get-spec k)))] k)))

(defn- symbols-of [sym-or-syms]
  (if (symbol? sym-or-syms) [sym-or-syms] sym-or-syms))

(defn unstrument
  "Undoes instrument, for a symbol, a collection of them, or all. Answers the symbols of the functions."
  ([] (unstrument (keys @originals)))
  ([sym-or-syms]
   (vec (for [sym (symbols-of sym-or-syms)
              :let [{:keys [original wrapped]} (get @originals sym)
                    target (resolve sym)]
              :when original]
          (do
            (swap! originals dissoc sym)
            ;; One that was defined anew in the meantime is no longer ours.
            (when (identical? wrapped @target)
              (alter-var-root target (constantly original)))
            sym)))))

(defn instrument
  "Has functions check their arguments by their specs (`clojure.spec.alpha/fdef`) at every call: that of a symbol, of a
  collection of them, or all that have one. Answers the symbols of the functions.

      (instrument `double-of)"
  ([] (instrument (instrumentable-syms)))
  ([sym-or-syms]
   (vec (for [sym (symbols-of sym-or-syms)
              :let [spec (s/get-spec sym)
                    target (resolve sym)]
              :when (and (var? target) (:args spec))]
          (do
            (unstrument sym)
            (let [original @target
                  wrapped (checked sym original spec)]
              (swap! originals assoc sym {:original original, :wrapped wrapped})
              (alter-var-root target (constantly wrapped)))
            sym)))))

(defmacro with-instrument-disabled
  "Evaluates body without the checks of instrumented functions."
  [& body]
  `(binding [*instrument-enabled* false] ~@body))
