(ns java.net.URI
  "Addresses as RFC 2396 has them, taken apart."
  (:require [clojure.string :as string]
            [reops.host :refer [defclass]])
  (:import java.net.URISyntaxException))

(def ^:private shape
  "Scheme, authority, path, query, fragment: the expression of the RFC's appendix."
  #"^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?://([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$")

(def ^:private authority-shape #"^(?:([^@]*)@)?(\[[^\]]*\]|[^:]*)(?::([0-9]*))?$")

(declare make resolve-in without-dots)

(defn- decode
  [text]
  (when text
    (java.net.URLDecoder/decode (string/replace text "+" "%2B") "UTF-8")))

(defclass java.net.URI [text scheme authority user host port path query fragment]
  Comparable
  (compareTo [_ other] (compare text (str other)))
  Object
  (toString [_] text)
  (equals [_ other] (and (instance? URI other) (= text (str other))))
  (hashCode [_] (hash text))
  URI
  (getScheme [_] scheme)
  (getAuthority [_] (decode authority))
  (getRawAuthority [_] authority)
  (getUserInfo [_] (decode user))
  (getHost [_] host)
  (getPort [_] port)
  (getPath [_] (decode path))
  (getRawPath [_] path)
  (getQuery [_] (decode query))
  (getRawQuery [_] query)
  (getFragment [_] (decode fragment))
  (getRawFragment [_] fragment)
  (getSchemeSpecificPart [_]
    (decode (str (when authority (str "//" authority)) path (when query (str "?" query)))))
  (isAbsolute [_] (some? scheme))
  (isOpaque [_] (and (some? scheme) (nil? authority) (not (string/starts-with? (or path "") "/"))))
  (toASCIIString [_] text)
  (normalize [_] (make (str (when scheme (str scheme ":")) (when authority (str "//" authority))
                            (without-dots path)
                            (when query (str "?" query)) (when fragment (str "#" fragment)))))
  (resolve [this other] (resolve-in this (if (string? other) (make other) other)))
  (toURL [this] this))

(defn- make
  [text]
  (when-let [at (first (keep-indexed (fn [i c] (when (or (<= (int c) 32) (#{\< \> \" \{ \} \| \\ \^ \`} c)) i)) text))]
    (throw (URISyntaxException. (str "Illegal character in an address at index " at ": " text))))
  (let [[_ scheme authority path query fragment] (re-matches shape text)
        [_ user host port] (when authority (re-matches authority-shape authority))
        opaque? (and scheme (not authority) (not (string/starts-with? path "/")))]
    (->URI text scheme (not-empty authority) user (not-empty host) (if (seq port) (parse-long port) -1)
           (when-not opaque? path) query fragment)))

(defn- without-dots
  "The path without its . and .. segments, where they can be resolved."
  [path]
  (let [segments (string/split path #"/" -1)
        kept (reduce (fn [out segment]
                       (cond
                         (= "." segment) out
                         (and (= ".." segment) (seq out) (not (#{"" ".."} (peek out)))) (pop out)
                         :else (conj out segment)))
                     []
                     segments)
        folder? (#{"." ".."} (peek segments))]
    (string/join "/" (if (and folder? (not= "" (peek kept))) (conj kept "") kept))))

(defn- resolve-in
  [base other]
  (if (or (.getScheme other) (.isOpaque base))
    other
    (let [path (.getRawPath other)
          base-path (or (.getRawPath base) "")
          part (fn [prefix x] (when x (str prefix x)))
          build (fn [authority path query]
                  (make (str (part "" (when-let [s (.getScheme base)] (str s ":")))
                             (part "//" authority) path (part "?" query) (part "#" (.getRawFragment other)))))]
      (cond
        (.getRawAuthority other) (build (.getRawAuthority other) path (.getRawQuery other))
        (string/starts-with? path "/") (build (.getRawAuthority base) path (.getRawQuery other))
        (and (= "" path) (nil? (.getRawQuery other))) (build (.getRawAuthority base) base-path (.getRawQuery base))
        :else (build (.getRawAuthority base)
                     (without-dots (str (subs base-path 0 (inc (or (string/last-index-of base-path "/") -1))) path))
                     (.getRawQuery other))))))

(defn- from-parts
  [scheme user host port path query fragment]
  (make (str (when scheme (str scheme ":"))
             (when host (str "//" (when user (str user "@")) host (when-not (neg? port) (str ":" port))))
             path (when query (str "?" query)) (when fragment (str "#" fragment)))))

(defn new
  "The address that text spells; an URISyntaxException if it spells none. Of its parts: scheme, host, path, fragment;
  or scheme, user, host, port, path, query, fragment."
  ([text] (make text))
  ([scheme host path fragment] (from-parts scheme nil host -1 path nil fragment))
  ([scheme user host port path query fragment] (from-parts scheme user host port path query fragment)))

(defn create
  "The address that text spells; an IllegalArgumentException if it spells none."
  [text]
  (try
    (make text)
    (catch URISyntaxException e (throw (IllegalArgumentException. (.getMessage e) e)))))
