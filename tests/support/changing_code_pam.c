/* A PAM module for tests: after the password it asks for a code that changes with every login, and then, visibly, for a reason. Its
   argument is a file with the number of the next login; the code is "code-" and that number. Declares what it needs of PAM's binary
   interface itself, so that nobody needs PAM's headers to build the tests. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct pam_message {
  int msg_style;
  const char* msg;
};
struct pam_response {
  char* resp;
  int resp_retcode;
};
struct pam_conv {
  int (*conv)(int, const struct pam_message**, struct pam_response**, void*);
  void* appdata_ptr;
};
extern int pam_get_item(const void* handle, int item, const void** value);

enum { k_success = 0, k_auth_err = 7, k_conversation = 5, k_hidden = 1, k_shown = 2 };

static int ask(const void* handle, int style, const char* text, char* answer, size_t size) {
  const void* found = NULL;
  if (pam_get_item(handle, k_conversation, &found) != k_success || found == NULL) return 0;
  const struct pam_conv* conversation = found;
  const struct pam_message message = {style, text};
  const struct pam_message* messages[] = {&message};
  struct pam_response* response = NULL;
  if (conversation->conv(1, messages, &response, conversation->appdata_ptr) != k_success || response == NULL) return 0;
  snprintf(answer, size, "%s", response->resp == NULL ? "" : response->resp);
  free(response->resp);
  free(response);
  return 1;
}

int pam_sm_authenticate(void* handle, int flags, int count, const char** arguments) {
  (void)flags;
  if (count != 1) return k_auth_err;
  FILE* file = fopen(arguments[0], "r+");
  if (file == NULL) return k_auth_err;
  int next = 0;
  char expected[64], prompt[64], code[256], why[256];
  if (fscanf(file, "%d", &next) != 1) next = 0;
  snprintf(expected, sizeof expected, "code-%d", next);
  snprintf(prompt, sizeof prompt, "Code %d: ", next);
  const int is_known = ask(handle, k_hidden, prompt, code, sizeof code) && strcmp(code, expected) == 0 &&
                       ask(handle, k_shown, "Reason for the login: ", why, sizeof why) && why[0] != '\0';
  /* A code is good once, also when it was wrong. */
  rewind(file);
  fprintf(file, "%d\n", next + 1);
  fclose(file);
  return is_known ? k_success : k_auth_err;
}

int pam_sm_setcred(void* handle, int flags, int count, const char** arguments) {
  (void)handle;
  (void)flags;
  (void)count;
  (void)arguments;
  return k_success;
}
