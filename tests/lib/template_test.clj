(ns template-test
  "reops.template."
  (:require [clojure.test :refer [are deftest is testing]]
            [reops.fs :as fs]
            [reops.template :as template]))

(deftest holes
  (are [text template context] (= text (template/render template context))
    "" "" {}, "no holes { } }}" "no holes { } }}" {}
    "Hello Ann." "Hello {{name}}." {:name "Ann"}, "Hello Ann." "Hello {{ name }}." {"name" "Ann"}
    "80" "{{server.port}}" {:server {:port 80}}, "" "{{x}}" {:x nil}, "false" "{{x}}" {:x false}
    "<b>" "{{{x}}}" {:x "<b>"}, "<b>" "{{& x}}" {:x "<b>"}, "ab" "a{{! a\ncomment }}b" {}))

(deftest sections
  (are [text template context] (= text (template/render template context))
    "1,2," "{{#xs}}{{.}},{{/xs}}" {:xs [1 2]}, "" "{{#xs}}x{{/xs}}" {:xs []}, "none" "{{^xs}}none{{/xs}}" {:xs []}
    "none" "{{^gone}}none{{/gone}}" {}, "" "{{#gone}}x{{/gone}}" {}, "yes" "{{#on}}yes{{/on}}{{^on}}no{{/on}}" {:on true}
    "no" "{{#on}}yes{{/on}}{{^on}}no{{/on}}" {:on false}
    "a:1 b:1 " "{{#hosts}}{{name}}:{{port}} {{/hosts}}" {:port 1 :hosts [{:name "a"} {:name "b"}]}
    "x" "{{#a}}{{#b}}{{c}}{{/b}}{{/a}}" {:a {:b {:c "x"}}}
    "[1][2]" "{{#rows}}[{{#cells}}{{.}}{{/cells}}]{{/rows}}" {:rows [{:cells [1]} {:cells [2]}]})
  (testing "tags alone on their line take it with them"
    (is (= "begin\n  - a\n  - b\nend\n"
           (template/render "begin\n{{#xs}}\n  - {{.}}\n{{/xs}}\n{{! nothing }}\nend\n" {:xs ["a" "b"]})))
    (is (= "a\r\nb" (template/render "a\r\n  {{#on}}\r\nb{{/on}}" {:on true})))
    (is (= "{{x}} stays\n" (template/render "{{x}} stays\n" {:x "{{x}}"})) "and what was put in is not looked at again")))

(deftest escaping
  (is (= "&lt;a href=&quot;x&quot;&gt; <b>" (template/render "{{x}} {{{y}}}" {:x "<a href=\"x\">" :y "<b>"} {:escape :html})))
  (is (= "rm 'a b' plain 'it'\\''s'" (template/render "rm {{a}} {{b}} {{c}}" {:a "a b" :b "plain" :c "it's"} {:escape :shell})))
  (is (= "A" (template/render "{{x}}" {:x "a"} {:escape clojure.string/upper-case})))
  (is (thrown? IllegalArgumentException (template/render "" {} {:escape :xml}))))

(deftest missing-values-and-faults
  (is (= "Template, line 2 column 3: There is no value for nme"
         (try (template/render "a\n  {{nme}}" {:name 1}) (catch Exception e (ex-message e)))))
  (is (= "x=?" (template/render "x={{x}}" {} {:missing "?"})))
  (are [template place] (= place (try (template/render template {:a 1})
                                      (catch Exception e
                                        (is (= :reops.template/syntax (:type (ex-data e))))
                                        [(:line (ex-data e)) (:column (ex-data e))])))
    "{{a" [1 1], "x\n{{#a}}" [2 1], "{{/a}}" [1 1], "{{#a}}{{/b}}" [1 7], "{{a b}}" [1 1], "{{}}" [1 1]))

(deftest files
  (fs/with-temp-dir [dir]
    (spit (fs/join dir "t") "port {{port}}\n")
    (is (= "port 80\n" (template/render-file (fs/join dir "t") {:port 80})))))
