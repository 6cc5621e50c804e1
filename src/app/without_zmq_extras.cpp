// Debian's libzmq.a can also speak Kerberos, NORM and PGM, whose libraries have no complete static archives.
// We use none of them: what it refers to is defined here, so that regent is one file.
//
// Only pgm_init and pgm_shutdown are ever called (with each context), and have nothing to do. All others are
// reached only through socket options and addresses that src/wire does not use.

#include <cstdio>
#include <cstdlib>

#define REOPS_NOT_HERE(name)                                                                       \
  extern "C" [[noreturn]] void name() {                                                            \
    std::fputs("regent: " #name " was called, of a library that is not part of regent\n", stderr); \
    std::abort();                                                                                  \
  }

REOPS_NOT_HERE(NormCreateInstance)
REOPS_NOT_HERE(NormCreateSession)
REOPS_NOT_HERE(NormDestroyInstance)
REOPS_NOT_HERE(NormDestroySession)
REOPS_NOT_HERE(NormGetDescriptor)
REOPS_NOT_HERE(NormGetNextEvent)
REOPS_NOT_HERE(NormGetRandomSessionId)
REOPS_NOT_HERE(NormIsUnicastAddress)
REOPS_NOT_HERE(NormNodeDelete)
REOPS_NOT_HERE(NormObjectGetType)
REOPS_NOT_HERE(NormObjectGetUserData)
REOPS_NOT_HERE(NormObjectSetUserData)
REOPS_NOT_HERE(NormSetCongestionControl)
REOPS_NOT_HERE(NormSetDefaultSyncPolicy)
REOPS_NOT_HERE(NormSetDefaultUnicastNack)
REOPS_NOT_HERE(NormSetLoopback)
REOPS_NOT_HERE(NormSetMulticastInterface)
REOPS_NOT_HERE(NormSetRxPortReuse)
REOPS_NOT_HERE(NormSetTTL)
REOPS_NOT_HERE(NormStartReceiver)
REOPS_NOT_HERE(NormStartSender)
REOPS_NOT_HERE(NormStopInstance)
REOPS_NOT_HERE(NormStopReceiver)
REOPS_NOT_HERE(NormStopSender)
REOPS_NOT_HERE(NormStreamFlush)
REOPS_NOT_HERE(NormStreamOpen)
REOPS_NOT_HERE(NormStreamRead)
REOPS_NOT_HERE(NormStreamSeekMsgStart)
REOPS_NOT_HERE(NormStreamWrite)
REOPS_NOT_HERE(gss_accept_sec_context)
REOPS_NOT_HERE(gss_acquire_cred)
REOPS_NOT_HERE(gss_delete_sec_context)
REOPS_NOT_HERE(gss_display_name)
REOPS_NOT_HERE(gss_import_name)
REOPS_NOT_HERE(gss_init_sec_context)
REOPS_NOT_HERE(gss_release_buffer)
REOPS_NOT_HERE(gss_release_cred)
REOPS_NOT_HERE(gss_release_name)
REOPS_NOT_HERE(gss_unwrap)
REOPS_NOT_HERE(gss_wrap)
REOPS_NOT_HERE(pgm_bind3)
REOPS_NOT_HERE(pgm_close)
REOPS_NOT_HERE(pgm_connect)
REOPS_NOT_HERE(pgm_error_free)
REOPS_NOT_HERE(pgm_free)
REOPS_NOT_HERE(pgm_freeaddrinfo)
REOPS_NOT_HERE(pgm_getaddrinfo)
REOPS_NOT_HERE(pgm_getsockopt)
REOPS_NOT_HERE(pgm_gsi_create_from_data)
REOPS_NOT_HERE(pgm_recvmsgv)
REOPS_NOT_HERE(pgm_send)
REOPS_NOT_HERE(pgm_setsockopt)
REOPS_NOT_HERE(pgm_socket)

extern "C" {
int pgm_init() { return 1; }
int pgm_shutdown() { return 1; }

// Data that is only ever handed to the functions above.
const void* GSS_C_NT_HOSTBASED_SERVICE = nullptr;
const void* GSS_C_NT_USER_NAME = nullptr;
extern const void* const NORM_INSTANCE_INVALID = nullptr;
extern const void* const NORM_SESSION_INVALID = nullptr;
extern const void* const NORM_OBJECT_INVALID = nullptr;
extern const unsigned NORM_NODE_ANY = 0xffffffff;
}
