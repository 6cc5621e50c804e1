;; What ~ and ~@ are read as. They mean something within a syntax quote alone.
(def ^{:doc "What the reader makes of ~form; within ` alone it means something."} unquote)
(def ^{:doc "What the reader makes of ~@form; within ` alone it means something."} unquote-splicing)

;; What the dynamic vars mean that the runtime itself makes and reads.

(run! (fn [[v doc]] (alter-meta! v assoc :doc doc))
      {#'*ns* "The current namespace."
       #'*file* "The name of the file that is being loaded; nil at the prompt."
       #'*command-line-args* "The arguments that the program was given, as strings; nil when there were none."
       #'*in* "Where read and read-line read from."
       #'*out* "Where print and its like write to."
       #'*err* "Where errors and warnings are written to."
       #'*flush-on-newline* "When true, a new line that is printed at the end of a value flushes *out*."
       #'*print-length* "How many elements of a collection are printed, before …; nil for all."
       #'*print-level* "How many levels of nested collections are printed, deeper ones as #; nil for all."
       #'*print-readably* "When true, strings and characters are printed as pr does, so that they can be read back."
       #'*print-meta* "When true, metadata is printed too."
       #'*print-dup* "When true, values are printed so that reading gives the same types."
       #'*print-namespace-maps* "When true, maps whose keys share a namespace are printed as #:name{…}."
       #'*data-readers* "A map from tag symbols to functions that make a value of the form after the tag."
       #'*default-data-reader-fn* "A function of tag and form for tags that nothing else knows; nil makes them an error."
       #'*read-eval* "When false, the reader refuses #=."
       #'*assert* "When false, assert compiles to nothing."
       #'*unchecked-math* "When true, + - * inc dec of integers in the code that follows wrap around instead of overflowing."
       #'*warn-on-reflection* "For programs of Clojure's that set it: nothing is reflected upon here."
       #'*compile-files* "For programs of Clojure's that ask: always false here."
       #'*loading-verbosely* "When true, require says what it loads."
       #'*math-context* "What the results of decimal arithmetic are rounded to; with-precision binds it."
       #'*1 "The last value at the prompt."
       #'*2 "The value before *1."
       #'*3 "The value before *2."
       #'*e "The last error at the prompt."})
