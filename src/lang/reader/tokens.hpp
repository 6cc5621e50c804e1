#pragma once
// What single tokens mean: which spellings are names, what a character literal denotes.

#include <string>
#include <string_view>

namespace reops::lang {

/// Whether `token` is a symbol or keyword as Clojure's reader accepts them ("a/b", "/", ":k", "::k", "a'b",
/// "->x").
bool is_name_token(std::string_view token);

/// What follows the backslash of a character literal ("a", "newline", "u03bb", "o377"). False, and a sentence
/// in `problem`, when it denotes none.
bool parse_character(std::string_view token, char32_t& result, std::string& problem);

/// Value of exactly `text` in base 8 or 16, or -1 when some character is no digit of it.
int32_t parse_digits(std::string_view text, int base);

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }
inline bool is_surrogate(char32_t c) { return c >= 0xD800 && c <= 0xDFFF; }

}  // namespace reops::lang
