(ns re-mote.repl.files
  "Files of hosts: looking at them gives data, with the text it was made of as :raw; changing them says whether there was anything
  to change, and with :check true only what there would be."
  (:require [clojure.string :as string]
            [re-mote.repl.base :refer [remote]]
            [re-mote.repl.listings :as listings]
            [re-mote.repl.words :as words])
  (:import [re_mote.repl.base Hosts]))

(defn- bad-argument [message hint]
  (throw (ex-info message {:type :re-mote/bad-argument :hint hint})))

;; --- looking -------------------------------------------------------------------------------------------------------------

(defprotocol Reading
  "Looking at files."
  (^{:category :files} cat-file [this path] [this path options] [this results path options]
    "What is in a file, as text. The option :parse makes data of it; others are those of remote.

    (run (cat-file hs \"/etc/hostname\") | (pretty))
    (run (cat-file hs \"/etc/app.json\" {:parse reops.json/read-string}) | (aggregate))")
  (^{:category :files} tail [this path] [this path n] [this results path n]
    "The last n lines of a file (10), a vector.

    (run (tail hs \"/var/log/syslog\" 3) | (pretty))")
  (^{:category :files} grep [this expression paths] [this expression paths options] [this results expression paths options]
    "The lines of a file, or of several, that a regular expression of grep matches: [{:file :line :text} …], empty for none. Options:
  :ignore-case, :fixed (no regular expression), :invert (the others), :words (whole ones), :recursive (paths are folders).

    (run (grep hs \"^PermitRootLogin\" \"/etc/ssh/sshd_config\") | (table))
    (run (grep hs \"error\" [\"/var/log/syslog\" \"/var/log/app.log\"] {:ignore-case true}) | (table))")
  (^{:category :files} find-files [this folder] [this folder options] [this results folder options]
    "The files below a folder, as ls has them, their :name being the whole path. Options: :name (a pattern such as \"*.log\"), :type
  (:file, :directory, :link …), :min-size and :max-size in bytes, :older-than and :newer-than in milliseconds, :max-depth.

    (run (find-files hs \"/var/log\" {:name \"*.gz\" :older-than (* 30 86400000)}) | (table))"))

(defn- grep-script [expression paths {:keys [ignore-case fixed invert whole-words recursive]}]
  (str "grep -nHZ"
       (when ignore-case "i") (if fixed "F" "E") (when invert "v") (when whole-words "w") (when recursive "r")
       " -e " (words/word expression) " -- "
       (string/join " " (map words/path (if (string? paths) [paths] paths)))
       ;; 1: no line matched.
       " || { code=$?; [ $code -eq 1 ] || exit $code; }"))

(defn parse-matches
  "What grep -nHZ printed."
  [out]
  (into [] (map (fn [[_ file line text]] {:file file :line (parse-long line) :text text}))
        (re-seq #"([^\u0000\n]*)\u0000(\d+):(.*)" out)))

(extend-type Hosts
  Reading
  (cat-file
    ([this path] (cat-file this {} path {}))
    ([this a b] (if (map? a) (cat-file this a b {}) (cat-file this {} a b)))
    ([this results path options]
     (remote this results (str "cat -- " (words/path path)) (merge {:parse identity} options {:stage "cat-file" :changed false}))))
  (tail
    ([this path] (tail this {} path 10))
    ([this a b] (if (map? a) (tail this a b 10) (tail this {} a b)))
    ([this results path n]
     (when-not (nat-int? n)
       (bad-argument (str "tail needs a number of lines, found " (pr-str n)) "(tail hs \"/var/log/syslog\" 20)"))
     (remote this results (str "tail -n " n " -- " (words/path path))
             {:stage "tail" :changed false :parse (fn [out] (if (= "" out) [] (string/split-lines out)))})))
  (grep
    ([this expression paths] (grep this {} expression paths {}))
    ([this a b c] (if (map? a) (grep this a b c {}) (grep this {} a b c)))
    ([this results expression paths options]
     (remote this results (grep-script expression paths (assoc options :whole-words (:words options)))
             (merge options {:stage "grep" :changed false :parse parse-matches}))))
  (find-files
    ([this folder] (find-files this {} folder {}))
    ([this a b] (if (map? a) (find-files this a b {}) (find-files this {} a b)))
    ([this results folder options]
     (remote this results (listings/find-script folder options)
             (merge (dissoc options :type :name) {:stage "find-files" :changed false :parse listings/parse})))))

;; --- changing ------------------------------------------------------------------------------------------------------------

(defn- outcome
  "The last line that such shell prints: what became of it."
  [out]
  (or ({"changed" :changed "unchanged" :unchanged} (last (string/split-lines out)))
      (throw (ex-info "it did not say whether it changed anything" {}))))

(defn- changing
  "Does something on hosts unless it is done: already is a condition of the shell that says so, action does it, and possible,
  where given, fails with a message when it cannot be done. The result is :changed or :unchanged."
  [this results stage {:keys [already action possible]} options]
  (let [unless-done (fn [otherwise] (str (when possible (str possible "\n"))
                                         "if " already "; then echo unchanged; else\n" otherwise "\nfi"))]
    (remote this results
            (unless-done (str "{ " action "\n} >&2 && echo changed"))
            (merge options {:stage stage
                            :changed (fn [out] (= :changed (outcome out)))
                            :parse outcome
                            :predict (unless-done "echo changed")}))))

(defn- there
  "Shell that fails unless there is such a file."
  [path]
  (str "if ! [ -e " path " ] && ! [ -L " path " ]; then printf '%s: there is no such file\\n' " path " >&2; exit 1; fi"))

(defprotocol Changing
  "Changing files. Every one yields :changed or :unchanged; the entry's :changed says the same. With :check true in the options,
  or earlier in the pipeline, nothing is changed, and entries that are :predicted say what would be."
  (^{:category :files} mkdir [this folder] [this folder options] [this results folder options]
    "Makes a folder, and those around it. The option :mode (\"750\") is for the folder itself.

    (run (mkdir hs \"/srv/app\" {:mode \"750\"}) | (pretty))")
  (^{:category :files} rm [this path] [this path options] [this results path options]
    "Removes a file; with :recursive true a folder and what is in it.

    (run (rm hs \"/srv/app/old.tar\") | (pretty))
    (run (rm hs \"/srv/app/cache\" {:recursive true :check true}) | (pretty))")
  (^{:category :files} mv [this source target] [this source target options] [this results source target options]
    "Gives a file or folder another name; target is that name, not a folder to move into. Done when only target is there.

    (run (mv hs \"/etc/app.conf.new\" \"/etc/app.conf\") | (pretty))")
  (^{:category :files} cp [this source target] [this source target options] [this results source target options]
    "Copies a file on each host; with :recursive true a folder. target is the name of the copy. Done when both hold the same.

    (run (cp hs \"/etc/app.conf\" \"/etc/app.conf.bak\") | (pretty))")
  (^{:category :files} chmod [this path mode] [this path mode options] [this results path mode options]
    "Sets who may do what with a file, as octal digits (\"640\") or as chmod has it (\"u+x\", of which :check cannot say what it would
  do). With :recursive true also of what is in a folder.

    (run (chmod hs \"/etc/app.conf\" \"640\") | (pretty))")
  (^{:category :files} chown [this path owner] [this path owner options] [this results path owner options]
    "Gives a file to a user, a group or both: \"app\", \":www-data\", \"app:www-data\". With :recursive true also what is in a folder.

    (run (chown hs \"/srv/app\" \"app:www-data\" {:recursive true}) | (pretty))"))

(def ^:private too-much
  "What rm does not remove."
  #{"/" "." ".." "~" "~/"})

(defn- none-differ
  "A condition: no file there is of those that find names by these tests. When find fails it does not hold."
  [path tests recursive]
  (str "differing=$(find " path (when-not recursive " -maxdepth 0") " " tests " -print -quit) && [ -z \"$differing\" ]"))

(defn- octal? [mode] (boolean (re-matches #"[0-7]{3,4}" mode)))

(defn- checked-mode [mode]
  (when-not (and (string? mode) (re-matches #"[0-7]{3,4}|[ugoa]*([-+=][rwxXst]*)+(,[ugoa]*([-+=][rwxXst]*)+)*" mode))
    (bad-argument (str "A mode is a text such as \"640\" or \"u+x\", found " (pr-str mode)) "(chmod hs \"/etc/app.conf\" \"640\")"))
  mode)

(defn- ownership-tests [user group]
  (string/join " -o " (concat (when user [(str "! -user " (words/word user))])
                              (when group [(str "! -group " (words/word group))]))))

(extend-type Hosts
  Changing
  (mkdir
    ([this folder] (mkdir this {} folder {}))
    ([this a b] (if (map? a) (mkdir this a b {}) (mkdir this {} a b)))
    ([this results folder {:keys [mode] :as options}]
     (let [path (words/path folder)
           mode (some-> mode checked-mode)]
       (when-not (or (nil? mode) (octal? mode))
         (bad-argument (str "mkdir takes a :mode of octal digits, found " mode) "{:mode \"750\"}"))
       (changing this results "mkdir"
                 {:already (str "[ -d " path " ]" (when mode (str " && " (none-differ path (str "! -perm " mode) false))))
                  :action (str "mkdir -p -- " path (when mode (str " && chmod " mode " -- " path)))}
                 options))))
  (rm
    ([this path] (rm this {} path {}))
    ([this a b] (if (map? a) (rm this a b {}) (rm this {} a b)))
    ([this results file {:keys [recursive] :as options}]
     (when (too-much (str file))
       (bad-argument (str "rm does not remove " file) "Name a file or folder further down; exec runs whatever you mean."))
     (let [path (words/path file)]
       (changing this results "rm"
                 {:already (str "[ ! -e " path " ] && [ ! -L " path " ]")
                  :action (str (if recursive "rm -r -- " "rm -- ") path " </dev/null")}
                 options))))
  (mv
    ([this source target] (mv this {} source target {}))
    ([this a b c] (if (map? a) (mv this a b c {}) (mv this {} a b c)))
    ([this results source target options]
     (let [from (words/path source) to (words/path target)]
       (changing this results "mv"
                 {:already (str "[ ! -e " from " ] && [ ! -L " from " ] && [ -e " to " ]")
                  :possible (str "if ! [ -e " to " ]; then " (there from) "; fi")
                  :action (str "mv -fT -- " from " " to)}
                 options))))
  (cp
    ([this source target] (cp this {} source target {}))
    ([this a b c] (if (map? a) (cp this a b c {}) (cp this {} a b c)))
    ([this results source target {:keys [recursive] :as options}]
     (let [from (words/path source) to (words/path target)]
       (changing this results "cp"
                 {:already (if recursive
                             (str "diff -rq -- " from " " to " >/dev/null 2>&1")
                             (str "cmp -s -- " from " " to))
                  :possible (there from)
                  :action (str (if recursive "cp -rT -- " "cp -T -- ") from " " to)}
                 options))))
  (chmod
    ([this path mode] (chmod this {} path mode {}))
    ([this a b c] (if (map? a) (chmod this a b c {}) (chmod this {} a b c)))
    ([this results file mode {:keys [recursive] :as options}]
     (let [path (words/path file)
           mode (checked-mode mode)
           action (str "chmod " (when recursive "-R ") mode " -- " path)]
       (if (octal? mode)
         (changing this results "chmod"
                   {:already (none-differ path (str "! -type l ! -perm " mode) recursive) :possible (there path) :action action}
                   options)
         ;; What chmod -c says is what it has changed.
         (remote this results (str "chmod -c" (when recursive "R") " " mode " -- " path)
                 (merge options {:stage "chmod"
                                 :changed (complement string/blank?)
                                 :parse (fn [out] (if (string/blank? out) :unchanged :changed))}))))))
  (chown
    ([this path owner] (chown this {} path owner {}))
    ([this a b c] (if (map? a) (chown this a b c {}) (chown this {} a b c)))
    ([this results file owner {:keys [recursive] :as options}]
     (let [path (words/path file)
           [_ user group] (re-matches #"([^:\s]+)?(?::([^:\s]+))?" (str owner))]
       (when-not (or user group)
         (bad-argument (str "An owner is a user, :group or user:group, found " (pr-str owner)) "(chown hs \"/srv/app\" \"app:www-data\")"))
       (changing this results "chown"
                 {:already (none-differ path (str "\\( " (ownership-tests user group) " \\)") recursive)
                  :possible (there path)
                  :action (str "chown -h " (when recursive "-R ") (words/word owner) " -- " path)}
                 options)))))
