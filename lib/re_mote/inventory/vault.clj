(ns re-mote.inventory.vault
  "Variables that ansible-vault has encrypted. The password comes from the file that ANSIBLE_VAULT_PASSWORD_FILE names (a program
  is run and prints it, as Ansible has it), or from the person at the terminal, who is asked once."
  (:require [clojure.string :as string]
            [re-mote.native-module :as native]
            [reops.secrets :refer [reveal secret]]
            [reops.fs :as fs]
            [reops.process :as process]))

(defn encrypted?
  "Whether a text is what ansible-vault makes."
  [text]
  (string/starts-with? text "$ANSIBLE_VAULT;"))

(defn- failed [message hint]
  (throw (ex-info message {:type :re-mote/bad-inventory :hint hint})))

(defn- in-file
  "The password in a file, or the one that a program prints."
  [file]
  (when-not (fs/readable? file)
    (failed (str "ANSIBLE_VAULT_PASSWORD_FILE names " file ", which cannot be read") "Name a file with the password in its first line."))
  (let [{:keys [exit out err]} (if (fs/executable? file)
                                 (process/run [(fs/absolute-path file)] {:timeout-ms 60000})
                                 {:exit 0 :out (slurp file)})]
    (when-not (zero? exit)
      (failed (str "The program " file ", which prints the vault password, ended with exit code " exit ": " (string/trim err)) nil))
    (string/trim out)))

(def ^:private answer
  "What the person has answered: a secret, :none when nobody did, nil when nobody was asked."
  (atom nil))

(defn- asked
  "The password that the person gives, once in the life of the program."
  [what]
  (let [known (or @answer
                  (reset! answer (let [given (native/ask-secret (str "Vault password (for " what "; none leaves it out): "))]
                                   (if (string/blank? given) :none (secret "vault password" given)))))]
    (when-not (= :none known) (reveal known))))

(defn- password [what]
  (let [file (System/getenv "ANSIBLE_VAULT_PASSWORD_FILE")]
    (if (string/blank? file)
      [(asked what) "the answer at the terminal"]
      [(in-file file) file])))

(defn opened
  "The text that is encrypted, nil when there is no password to open it with. what says where it stands."
  [text what]
  (let [[password source] (password what)]
    (when password
      (try
        (native/decrypt-vault text password)
        (catch Exception e
          ;; Asked again the next time.
          (when-not (= source (System/getenv "ANSIBLE_VAULT_PASSWORD_FILE")) (reset! answer nil))
          (failed (str what ": " (ex-message e)) (str "The password was " source ".")))))))
