(ns hiccup-test
  "hiccup: data to HTML."
  (:require [clojure.test :refer [deftest is]]
            [hiccup.core :refer [h html]]
            [hiccup.def :refer [defhtml]]
            [hiccup.element :as element]
            [hiccup.form :as form]
            [hiccup.page :as page]
            [hiccup.util :as util]))

(deftest tags
  (is (= "<div class=\"a b\" id=\"x\">text<br /></div>" (html [:div#x.a.b "text" [:br]])))
  (is (= "<ul><li>1</li><li>2</li></ul>" (html [:ul (for [i [1 2]] [:li i])])))
  (is (= "<input checked=\"checked\" type=\"checkbox\" />" (html [:input {:type "checkbox" :checked true :disabled false}])))
  (is (= "<p>&lt;b&gt; &amp; &quot;</p>" (html [:p (h "<b> & \"")])))
  (let [attributes {:href "/a?b=1&c=2"} tag :em]
    (is (= "<a href=\"/a?b=1&amp;c=2\"><em>x</em></a>" (html [:a attributes [tag "x"]]))))
  (is (= "<br>" (html {:mode :html} [:br])))
  (is (= "" (html nil))))

(defhtml card
  [title & body]
  [:section [:h1 title] body])

(deftest functions-that-make-html
  (is (= "<section><h1>t</h1><p>b</p></section>" (card "t" [:p "b"]))))

(deftest pages-and-elements
  (is (= "<!DOCTYPE html>\n<html lang=\"en\"><head><link href=\"/s.css\" rel=\"stylesheet\" type=\"text/css\"></head><body>b</body></html>"
         (page/html5 {:lang "en"} [:head (page/include-css "/s.css")] [:body "b"])))
  (is (= "<script src=\"/a.js\" type=\"text/javascript\"></script>" (html (page/include-js "/a.js"))))
  (is (= "<a href=\"/x\">go</a>" (html (element/link-to "/x" "go"))))
  (is (= "<ol><li>a</li><li>b</li></ol>" (html (element/ordered-list ["a" "b"]))))
  (is (= "<img alt=\"A\" src=\"/i.png\">" (html {:mode :html} (element/image "/i.png" "A")))))

(deftest forms
  (is (= "<input id=\"q\" name=\"q\" type=\"text\" value=\"v\" />" (html (form/text-field "q" "v"))))
  (is (= "<select id=\"s\" name=\"s\"><option value=\"1\">One</option><option selected=\"selected\" value=\"2\">Two</option></select>"
         (html (form/drop-down "s" [["One" 1] ["Two" 2]] 2))))
  (is (= "<form action=\"/go\" method=\"POST\"><input id=\"_method\" name=\"_method\" type=\"hidden\" value=\"PUT\" /></form>"
         (html (form/form-to [:put "/go"])))))

(deftest addresses
  (is (= "/base/x" (util/with-base-url "/base" (util/to-str (util/to-uri "/x")))))
  (is (= "/find?q=a+b&n=1" (str (util/url "/find" {:q "a b" :n 1}))))
  (is (= "a=1&b=%26" (util/url-encode {:a 1 :b "&"}))))
