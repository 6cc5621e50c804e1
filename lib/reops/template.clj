(ns reops.template
  "Texts with holes, for configuration files, messages and the like, in the manner of Mustache:

      {{name}}             the value of :name (or \"name\"); {{a.b}} that of :b in :a; {{.}} the current value itself
      {{{name}}} {{&name}} the same, without escaping
      {{#name}}…{{/name}}  for each element of a collection, with it as the context; once for any other true value
      {{^name}}…{{/name}}  when the value is false, missing or an empty collection
      {{! comment}}        nothing

  A tag of the last four kinds that stands alone on its line takes the line with it. Nothing is escaped unless asked for,
  and a hole whose name is missing is an error: a configuration file with a gap is worse than none."
  (:require [clojure.string :as str]))

(defn- position-of [text at]
  (let [before (subs text 0 at)
        line-start (str/last-index-of before "\n")]
    {:line (inc (count (filter #{\newline} before)))
     :column (- at (if line-start line-start -1))}))

(defn- fail [text at message]
  (let [{:keys [line column] :as place} (position-of text at)]
    (throw (ex-info (str "Template, line " line " column " column ": " message)
                    (assoc place :type :reops.template/syntax)))))

(defn- next-tag
  "The tag at or after index from: {:kind :name :start :end}, or nil."
  [text from]
  (when-let [start (str/index-of text "{{" from)]
    (let [triple (str/starts-with? (subs text start) "{{{")
          closing (if triple "}}}" "}}")
          close (or (str/index-of text closing start)
                    (fail text start (str (if triple "{{{" "{{") " is not closed")))
          inner (subs text (+ start (count closing)) close)
          sign (when-not triple (#{\# \^ \/ \! \&} (first inner)))
          kind (if triple :raw (get {\# :section, \^ :inverted, \/ :close, \! :comment, \& :raw} sign :value))
          name (str/trim (if sign (subs inner 1) inner))]
      (when (and (not= :comment kind) (not (re-matches #"\.|[^\s{}.]+(\.[^\s{}.]+)*" name)))
        (fail text start (str (pr-str name) " is no name")))
      {:kind kind, :name name, :start start, :end (+ close (count closing))})))

(defn- whole-line
  "[start end] of what a tag takes: its line when it stands there alone and shows nothing itself."
  [text {:keys [kind start end]}]
  (let [line-start (if-let [i (str/last-index-of (subs text 0 start) "\n")] (inc i) 0)
        after (re-find #"^[ \t]*(?:\r?\n|$)" (subs text end))]
    (if (and (not (#{:value :raw} kind)) after (str/blank? (subs text line-start start)))
      [line-start (+ end (count after))]
      [start end])))

(defn- parse
  "Reads parts up to the tag that closes the section called open. Answers [parts index]."
  [text from open]
  (loop [i from, parts []]
    (if-let [{:keys [kind name] :as tag} (next-tag text i)]
      (let [[start end] (whole-line text tag)
            start (max start i)
            parts (if (< i start) (conj parts (subs text i start)) parts)]
        (case kind
          :comment (recur end parts)
          :close (if (= name (:name open))
                   [parts end]
                   (fail text (:start tag) (if open
                                             (str "{{/" name "}} stands where the section " (:name open) " is to be closed")
                                             (str "{{/" name "}} closes nothing"))))
          (:section :inverted) (let [[body after] (parse text end tag)]
                                 (recur after (conj parts (assoc tag :body body))))
          (recur end (conj parts tag))))
      (if open
        (fail text (:start open) (str "The section " (:name open) " is not closed"))
        [(if (< i (count text)) (conj parts (subs text i)) parts) i]))))

(defn- lookup-in
  "The value under a name in one context; ::missing when it has none."
  [context name]
  (cond
    (not (map? context)) ::missing
    (contains? context (keyword name)) (get context (keyword name))
    :else (get context name ::missing)))

(defn- lookup
  "The value of a dotted name, its first part looked for in the innermost context first."
  [contexts name]
  (if (= "." name)
    (first contexts)
    (let [[head & more] (str/split name #"\.")
          found (first (remove #{::missing} (map #(lookup-in % head) contexts)))]
      (reduce lookup-in
              (if (and (nil? found) (every? #(= ::missing (lookup-in % head)) contexts)) ::missing found)
              more))))

(def ^:private html-entities {\& "&amp;", \< "&lt;", \> "&gt;", \" "&quot;", \' "&#39;"})

(defn- shell-word [text]
  (if (re-matches #"[A-Za-z0-9_@%+=:,./-]+" text)
    text
    (str "'" (str/replace text "'" "'\\''") "'")))

(defn- escape-by [escape]
  (case escape
    nil identity
    :html #(str/escape % html-entities)
    :shell shell-word
    (if (fn? escape)
      escape
      (throw (IllegalArgumentException. (str ":escape is :html, :shell or a function, and was " (pr-str escape)))))))

(defn- absent? [value]
  (or (= ::missing value) (not value) (and (coll? value) (empty? value))))

(defn- render-parts [text parts contexts {:keys [escape missing] :as options}]
  (doseq [part parts]
    (if (string? part)
      (print part)
      (let [{:keys [kind name body start]} part
            value (lookup contexts name)]
        (case kind
          :section (cond
                     (absent? value) nil
                     (or (sequential? value) (set? value))
                     (doseq [element value] (render-parts text body (cons element contexts) options))
                     :else (render-parts text body (cons value contexts) options))
          :inverted (when (absent? value) (render-parts text body contexts options))
          (if (= ::missing value)
            (if (some? missing)
              (print missing)
              (fail text start (str "There is no value for " name)))
            (print (if (= :raw kind) (str value) (escape (str value))))))))))

(defn render
  "The text of a template with values from context, a map. Options:
    :escape   how values go into the text: :html, :shell (as one word), or a function of a string; not at all otherwise
    :missing  the text for a name without a value, which otherwise is an error

      (render \"{{#hosts}}server {{name}}:{{port}}\\n{{/hosts}}\" {:hosts [{:name \"web1\" :port 80}]})"
  {:category :data}
  ([template context] (render template context nil))
  ([template context options]
   (let [[parts] (parse template 0 nil)]
     (with-out-str
       (render-parts template parts (list context) (update options :escape escape-by))))))

(defn render-file
  "Like render, for a template in a file."
  {:category :data}
  ([path context] (render-file path context nil))
  ([path context options] (render (slurp path) context options)))
