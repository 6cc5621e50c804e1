(ns re-mote.command.options
  "Arguments of a command, read as a table says, and the help that the same table makes.

  A row of a table is {:key :fanout, :names [\"--fanout\"], :value \"N\", :read f, :help \"…\"}. Without :value it is a switch, which is
  true or what :is says; with :many true it may be given several times, and its values are gathered. A row {:title \"…\"} begins a
  group in the help. f makes a value of the text, or throws what refuse makes."
  (:require [clojure.string :as string]))

(defn refuse
  "Throws the error of a person who has to write something else."
  ([message] (refuse message nil))
  ([message hint]
   (throw (ex-info message (cond-> {:type :re-mote/usage} hint (assoc :hint hint))))))

;; --- values --------------------------------------------------------------------------------------------------------------

(defn whole-number
  "A whole number from 1."
  [name text]
  (let [number (when (re-matches #"\d+" text) (parse-long text))]
    (if (and number (pos? number))
      number
      (refuse (str name " takes a whole number from 1, found " (pr-str text))))))

(defn number-or-share
  "A whole number from 1, or a percentage such as 25%."
  [name text]
  (let [[_ digits percent] (re-matches #"(\d{1,9})(%)?" text)
        number (some-> digits parse-long)]
    (cond
      (not (and number (pos? number))) (refuse (str name " takes a whole number from 1, or a share such as 25%, found " (pr-str text)))
      percent text
      :else number)))

(def ^:private units {"ms" 1, "s" 1000, "m" 60000, "h" 3600000})

(defn milliseconds
  "A time such as 30, 30s, 5m, 2h or 500ms."
  [name text]
  (let [[_ digits unit] (re-matches #"(\d{1,9})(ms|s|m|h)?" text)
        number (some-> digits parse-long)]
    (if (and number (pos? number))
      (* number (units (or unit "s")))
      (refuse (str name " takes a time such as 30s, 5m or 500ms, found " (pr-str text))
              "A number without a unit is seconds."))))

(defn some-text
  "Text that is not blank."
  [name text]
  (if (string/blank? text) (refuse (str name " takes a name, found nothing")) text))

;; --- reading -------------------------------------------------------------------------------------------------------------

(defn- row-of [table name] (first (filter #(some #{name} (:names %)) table)))

(defn- unknown [table name]
  (let [known (mapcat :names table)
        near (reops.internal/suggest name known)]
    (refuse (str "There is no option " name)
            (if near
              (str "Did you mean " near "?")
              "--help lists them all; -- ends the options, what follows is not read as one."))))

(defn- taken
  "The options with one more."
  [options {:keys [key many read is] :or {is true}} name text]
  (cond
    (nil? text) (assoc options key is)
    many (update options key (fnil conj []) (read name text))
    (contains? options key) (refuse (str name " is given twice"))
    :else (assoc options key (read name text))))

(defn parse
  "Reads arguments up to the first that is no option, or to --: {:options {key value} :rest [argument …]}."
  [table arguments]
  (loop [[word & more :as left] (seq arguments) options {}]
    (let [[_ long-name long-value] (when word (re-matches #"(?s)(--[^=]+)=(.*)" word))
          [_ short-name short-value] (when word (re-matches #"(?s)(-[^-])(.+)" word))
          row (some->> (or long-name word) (row-of table))
          short-row (when-not row (some->> short-name (row-of table)))]
      (cond
        (nil? left) {:options options :rest []}
        (= "--" word) {:options options :rest (vec more)}
        (or (= "-" word) (not (string/starts-with? word "-"))) {:options options :rest (vec left)}

        (and row long-name (not (:value row))) (refuse (str long-name " takes no value, found " (pr-str long-value)))
        (and row long-name) (recur more (taken options row long-name long-value))
        (and row (not (:value row))) (recur more (taken options row word nil))
        (and row more) (recur (next more) (taken options row word (first more)))
        row (refuse (str word " needs a value: " word " " (:value row)))

        (and short-row (:value short-row)) (recur more (taken options short-row short-name short-value))
        :else (unknown table (or long-name word))))))

;; --- help ----------------------------------------------------------------------------------------------------------------

(def ^:private column 30)

(defn- help-row [{:keys [title names value help]}]
  (if title
    (str "\n" title ":\n")
    (let [head (str "  " (string/join "," names) (when value (str " " value)))
          indent (apply str (repeat column " "))]
      (str (if (< (count head) (dec column))
             (str head (subs indent (count head)))
             (str head "\n" indent))
           help "\n"))))

(defn help-text
  "The help of a command: {:name \"reops exec\" :about \"…\" :usage \"[OPTIONS] …\" :options table :notes \"…\"}."
  [{:keys [name about usage options notes]}]
  (str about "\nUsage: " name " " usage "\n" (apply str (map help-row options)) (when notes (str "\n\n" notes "\n"))))
