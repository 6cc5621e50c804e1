(ns re-mote.repl.output
  "Stages that show results or write them down; each passes the pair on. The functions that make the text are plain ones, on
  results or a pair: summary, table-text, csv-text, json-text, diff-text."
  (:require [re-mote.repl.comparison :as comparison]
            [re-mote.repl.tables :as tables]))

(defn- put
  "Prints a text, or writes it to a file."
  [text file]
  (if file (spit file text) (do (print text) (flush))))

(defn table
  "Prints results as a table: a row for each host, or for each map in what a host yielded. columns are keys of rows (see
  re-mote.repl.tables/rows), or paths into entries.

    (run (exec hs \"uptime\") | (table))
    (run (exec hs \"uptime\") | (table [:host :code [:profile :time]]))"
  {:category :output}
  ([this results] (table this results nil))
  ([this results columns]
   (println)
   (put (tables/table-text results columns) nil)
   (println)
   [this results]))

(defn to-json
  "Prints results as JSON, or writes them to a file.

    (run (exec hs \"uptime\") | (to-json))
    (run (exec hs \"uptime\") | (to-json \"uptime.json\"))"
  {:category :output}
  ([this results] (to-json this results nil))
  ([this results file]
   (put (str (tables/json-text results {:pretty true}) "\n") file)
   [this results]))

(defn to-csv
  "Prints results as CSV, or writes them to a file; columns as for table.

    (run (exec hs \"uptime\") | (to-csv))
    (run (exec hs \"uptime\") | (to-csv \"uptime.csv\" [:host :code :out]))"
  {:category :output}
  ([this results] (to-csv this results nil nil))
  ([this results file-or-columns]
   (if (string? file-or-columns)
     (to-csv this results file-or-columns nil)
     (to-csv this results nil file-or-columns)))
  ([this results file columns]
   (put (tables/csv-text results columns) file)
   [this results]))

(defn diff
  "Prints what differs between hosts: against what most of them said, against one host, or against an earlier run. - stands
  before lines that are missing, + before those that are there instead.

    (run (exec hs \"cat /etc/resolv.conf\") | (diff))
    (run (exec hs \"cat /etc/resolv.conf\") | (diff \"web1\"))
    (def before (exec hs \"dpkg -l\"))
    (run (exec hs \"dpkg -l\") | (diff before))"
  {:category :output}
  ([this results]
   (println (str "\nDifferences, against the majority:\n\n" (comparison/diff-text results)))
   [this results])
  ([this results reference]
   (println (str "\nDifferences, against " (if (string? reference) reference "the earlier run") ":\n\n"
                 (comparison/diff-text results reference)))
   [this results]))
