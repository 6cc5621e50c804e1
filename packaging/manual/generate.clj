;; The manual pages and the completions of shells, made of what the program says of itself:
;;   reops packaging/manual/generate.clj FOLDER
;; writes reops.1, a page for each command, reops.bash and _reops. All of it comes from `reops --help` and the help of each
;; command, so that it cannot fall behind; only what no help says (files, environment) is here.

(ns manual
  (:require [clojure.string :as string]
            [reops.fs :as fs]
            [reops.process :as process]))

;; --- help as data --------------------------------------------------------------------------------------------------------

(def program (fs/read-link "/proc/self/exe"))

;; Paths in the help are those of whoever asks, and no page is about the home of the one who built it.
(def nobodys-home "/home-of-the-reader")

(defn help-of [& arguments]
  (let [environment {"HOME" nobodys-home "XDG_STATE_HOME" nil "XDG_CONFIG_HOME" nil "REOPS_HOME" nil}]
    (string/replace (process/output (vec (concat [program] arguments)) {:env environment}) nobodys-home "~")))

(defn row
  "An option: {:names [\"-H\" \"--hosts\"] :value \"HOSTS\" :help \"…\"}."
  [head help]
  (let [[names & more] (string/split head #" ")
        value (string/join " " (take-while #(not (re-find #"^Excludes|^\(Env|^\.\.\.$" %)) more))
        variable (second (re-find #"\(Env:(\w+)\)" head))]
    {:names (string/split names #",")
     :value (when (seq value) value)
     :help (str help (when variable (str "; " variable " in the environment says the same")))}))

(defn rows [lines]
  (loop [[line & more] lines found []]
    (if (nil? line)
      found
      (let [[_ head help] (re-matches #"  (-\S.*?)(?:  +(\S.*))?" line)]
        (if (or help (empty? more))
          (recur more (conj found (row head help)))
          (recur (next more) (conj found (row head (string/trim (first more))))))))))

(defn parsed
  "Help as {:about \"…\" :usage \"…\" :sections [{:title \"Options\" :rows [row …]} …] :notes \"…\"}."
  [text]
  (let [[_ about usage body] (re-matches #"(?s)(.*?)\nUsage: ([^\n]*)\n+(.*)" text)
        [options notes] (string/split body #"\n\n\n" 2)]
    {:about about
     :usage usage
     :sections (for [block (string/split options #"\n\n")
                     :let [[title & lines] (string/split-lines block)]]
                 {:title (string/replace title #":$" "") :rows (rows lines)})
     :notes notes}))

(def whole (parsed (help-of "--help")))

(def commands
  "[name summary] of each command."
  (map rest (re-seq #"(?m)^  reops (\S+) +(.*)" (:notes whole))))

(def pages (into (array-map) (for [[name] commands] [name (parsed (help-of name "--help"))])))

(defn all-rows [page] (mapcat :rows (:sections page)))

;; --- manual pages ----------------------------------------------------------------------------------------------------------

(defn roff [text]
  (-> text
      (string/replace "\\" "\\e")
      (string/replace "-" "\\-")
      (string/replace "'" "\\(aq")
      (string/replace "…" "...")
      (string/replace #"(?m)^\." "\\\\&.")))

(defn paragraphs
  "Text with blank lines between its paragraphs; indented lines are shown as they are."
  [text]
  (string/join
   (for [part (string/split (string/trim-newline (str text)) #"\n\n")
         chunk (partition-by #(string/starts-with? % "  ") (string/split-lines part))]
     (if (string/starts-with? (first chunk) "  ")
       (str ".PP\n.nf\n.RS 2\n" (roff (string/join "\n" (map string/trim chunk))) "\n.RE\n.fi\n")
       (str ".PP\n" (roff (string/join "\n" chunk)) "\n")))))

(defn options-text [{:keys [sections]}]
  (string/join
   (for [{:keys [title rows]} sections]
     (str (if (= "Options" title) ".SH OPTIONS\n" (str ".SS " (roff title) "\n"))
          (string/join (for [{:keys [names value help]} rows]
                         (str ".TP\n" (string/join ", " (map #(str "\\fB" (roff %) "\\fR") names))
                              (when value (str " \\fI" (roff value) "\\fR")) "\n" (roff help) "\n")))))))

(defn page-text [title summary {:keys [about usage notes] :as page} & more]
  (str ".\\\" Made by packaging/manual/generate.clj of the program's own help.\n"
       ".TH " (string/upper-case title) " 1 \"\" \"Re-ops\" \"Re-ops\"\n"
       ".SH NAME\n" (roff title) " \\- " (roff summary) "\n"
       ".SH SYNOPSIS\n.B " (roff usage) "\n"
       ".SH DESCRIPTION\n" (paragraphs about)
       (options-text page)
       ".SH NOTES\n" (paragraphs notes)
       (string/join more)))

(def files-and-environment
  (str ".SH FILES\n"
       (string/join
        (for [[path what] [["~/.ssh/config, ~/.ssh/known_hosts" "how hosts are reached and known, as for ssh(1)"]
                           ["~/.config/reops" "the configuration: config.edn, init.clj, scripts/, lib/*.jar, inventory.ini"]
                           ["~/.local/state/reops" "the history of the prompt"]]]
          (str ".TP\n.I " (roff path) "\n" (roff what) "\n")))
       ".SH ENVIRONMENT\n"
       (string/join
        (for [[name what] [["REOPS_HOME" "one folder for configuration and state, instead of those above"]
                           ["REOPS_PROFILE" "the profile that #profile of the configuration chooses by"]
                           ["REOPS_NO_CONFIG" "start without config.edn and init.clj, when it is set"]
                           ["REOPS_SSH_CONFIG" "a file instead of ~/.ssh/config and /etc/ssh/ssh_config"]
                           ["REOPS_INVENTORY" "the inventory that is meant when -i names none"]
                           ["REOPS_MODULES" "another folder to find modules in"]
                           ["SSH_AUTH_SOCK" "the ssh-agent"]
                           ["NO_COLOR" "no colours, when it is set"]]]
          (str ".TP\n.B " (roff name) "\n" (roff what) "\n")))))

(defn see-also [names] (str ".SH SEE ALSO\n" (string/join ",\n" (map #(str ".BR " (roff %) " (1)") names)) "\n"))

(defn write-pages [folder]
  (let [titles (map #(str "reops-" (first %)) commands)]
    (spit (fs/join folder "reops.1")
          (page-text "reops" "a live environment for operating machines" whole files-and-environment
                     (see-also (concat titles ["ssh"]))))
    (doseq [[name summary] commands]
      (spit (fs/join folder (str "reops-" name ".1"))
            (page-text (str "reops-" name) summary (pages name) (see-also ["reops" "ssh"]))))))

;; --- completion --------------------------------------------------------------------------------------------------------------

(defn names-of [page] (mapcat :names (all-rows page)))

(defn taking
  "The options of all pages whose values are of one of these kinds."
  [& kinds]
  (distinct (for [page (cons whole (vals pages)) {:keys [names value]} (all-rows page) :when (some #{value} kinds) n names] n)))

(defn bash []
  (str "# Completion of reops for bash; made by packaging/manual/generate.clj of the program's own help.\n"
       "_reops_inventory() {\n"
       "  local i\n"
       "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
       "    case ${COMP_WORDS[i]} in -i | --inventory) printf '%s\\n' \"${COMP_WORDS[i + 1]}\" ;; esac\n"
       "  done\n"
       "}\n\n"
       "# Hosts that ssh's configuration names, and those of the inventory.\n"
       "_reops_hosts() {\n"
       "  sed -n 's/^[[:space:]]*[Hh]ost[[:space:]]//p' ~/.ssh/config 2>/dev/null | tr ' ' '\\n' | grep -v '[*?!]'\n"
       "  _reops_names all\n"
       "}\n\n"
       "_reops_names() {\n"
       "  local inventory\n"
       "  inventory=$(_reops_inventory | tail -n 1)\n"
       "  if [ \"$1\" = groups ]; then set -- --list-groups; else set -- -g all; fi\n"
       "  reops hosts ${inventory:+-i \"$inventory\"} \"$@\" 2>/dev/null\n"
       "}\n\n"
       "_reops() {\n"
       "  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command=\n"
       "  [ \"$COMP_CWORD\" -gt 1 ] && command=${COMP_WORDS[1]}\n"
       "  COMPREPLY=()\n"
       "  case $previous in\n"
       "    " (string/join " | " (taking "HOSTS")) ") mapfile -t COMPREPLY < <(compgen -W \"$(_reops_hosts)\" -- \"$current\"); return ;;\n"
       "    " (string/join " | " (taking "GROUPS")) ") mapfile -t COMPREPLY < <(compgen -W \"$(_reops_names groups)\" -- \"$current\"); return ;;\n"
       "    " (string/join " | " (taking "FILE" "PATH")) ") mapfile -t COMPREPLY < <(compgen -f -- \"$current\"); return ;;\n"
       "    " (string/join " | " (taking "N" "TIME" "SIZE" "FORM" "NS")) ") return ;;\n"
       "  esac\n"
       "  local options words=\n"
       "  case $command in\n"
       (string/join (for [[name page] pages] (str "    " name ") options='" (string/join " " (names-of page)) "' ;;\n")))
       "    *) options='" (string/join " " (names-of whole)) "' words='" (string/join " " (keys pages)) "' ;;\n"
       "  esac\n"
       "  if [[ $current == -* ]]; then\n"
       "    mapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$current\")\n"
       "  elif [ \"$command\" = exec ]; then\n"
       "    mapfile -t COMPREPLY < <(compgen -c -- \"$current\")\n"
       "  elif [ \"$COMP_CWORD\" = 1 ]; then\n"
       "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\"; compgen -f -- \"$current\")\n"
       "  elif [ -z \"$options\" ] || [[ \" $words \" != *\" $command \"* ]]; then\n"
       "    mapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n"
       "  fi\n"
       "}\n\n"
       "complete -o filenames -F _reops reops\n"))

(def zsh-values {"HOSTS" "_reops_hosts", "GROUPS" "_reops_groups", "FILE" "_files", "PATH" "_files"})

(defn zsh-row [{:keys [names value help]}]
  (let [text (-> help (string/replace "'" "'\\''") (string/replace #"[\[\]:]" "\\\\$0"))
        action (when value (str ":" value ":" (zsh-values value)))]
    (for [n names]
      (str "'*" n "[" text "]" action "'"))))

(defn zsh []
  (let [table (fn [page] (string/join " \\\n      " (mapcat zsh-row (all-rows page))))]
    (str "#compdef reops\n"
         "# Completion of reops for zsh; made by packaging/manual/generate.clj of the program's own help.\n\n"
         "_reops_inventory() { local at=${words[(I)-i|--inventory]}; (( at )) && print -r -- -i ${words[at + 1]} }\n"
         "_reops_hosts() {\n"
         "  local -a found; found=(${(f)\"$(reops hosts $(_reops_inventory) -g all 2>/dev/null)\"})\n"
         "  _alternative 'known:host:_hosts' 'inventory:host of the inventory:compadd -a found'\n"
         "}\n"
         "_reops_groups() {\n"
         "  local -a found; found=(${(f)\"$(reops hosts $(_reops_inventory) --list-groups 2>/dev/null)\"})\n"
         "  compadd -a found\n"
         "}\n\n"
         "_reops() {\n"
         "  local -a commands\n"
         "  commands=(" (string/join " " (for [[name summary] commands] (str "'" name ":" (string/replace summary "'" "'\\''") "'"))) ")\n"
         "  case ${words[2]} in\n"
         (string/join (for [[name page] pages]
                        (str "    " name ")\n"
                             "      (( CURRENT == 2 )) || { shift words; (( CURRENT-- )); _arguments -S \\\n      " (table page)
                             (when (= "exec" name) " \\\n      '*::command:_normal'")
                             "; return }\n      ;;\n")))
         "  esac\n"
         "  if (( CURRENT == 2 )) && [[ $PREFIX != -* ]]; then\n"
         "    _describe command commands\n"
         "    _files\n"
         "  else\n"
         "    _arguments -S \\\n      " (table whole) " \\\n      '*:file:_files'\n"
         "  fi\n"
         "}\n\n"
         "_reops \"$@\"\n")))

(let [[folder] *command-line-args*]
  (fs/mkdirs folder)
  (write-pages folder)
  (spit (fs/join folder "reops.bash") (bash))
  (spit (fs/join folder "_reops") (zsh)))
