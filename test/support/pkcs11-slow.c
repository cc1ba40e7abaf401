/* A PKCS#11 module in front of another one (BEHIND): C_DeriveKey sleeps for an hour while the file SLOW is there, and
   each login is counted in the file LOGINS. */
#include <dlfcn.h>
#include <fcntl.h>
#include <stddef.h>
#include <unistd.h>
#define CK_PTR *
#define CK_DECLARE_FUNCTION(returnType, name) returnType name
#define CK_DECLARE_FUNCTION_POINTER(returnType, name) returnType(*name)
#define CK_CALLBACK_FUNCTION(returnType, name) returnType(*name)
#ifndef NULL_PTR
#define NULL_PTR 0
#endif
#include "pkcs11.h"

static CK_FUNCTION_LIST ours;
static CK_FUNCTION_LIST_PTR theirs;

static CK_RV slow_derive(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE key,
                         CK_ATTRIBUTE_PTR attributes, CK_ULONG count, CK_OBJECT_HANDLE_PTR made) {
  if (access(SLOW, F_OK) == 0) sleep(3600);
  return theirs->C_DeriveKey(session, mechanism, key, attributes, count, made);
}

/* One octet more in the file LOGINS for each PIN that is given. */
static CK_RV counted_login(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_UTF8CHAR_PTR pin, CK_ULONG length) {
  int counted = open(LOGINS, O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (counted < 0 || write(counted, ".", 1) != 1) return CKR_GENERAL_ERROR;
  close(counted);
  return theirs->C_Login(session, user, pin, length);
}

CK_RV C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR list) {
  void *library = dlopen(BEHIND, RTLD_NOW | RTLD_LOCAL);
  CK_RV (*get)(CK_FUNCTION_LIST_PTR_PTR);
  if (library == NULL) return CKR_GENERAL_ERROR;
  get = (CK_RV(*)(CK_FUNCTION_LIST_PTR_PTR))dlsym(library, "C_GetFunctionList");
  if (get == NULL || get(&theirs) != CKR_OK) return CKR_GENERAL_ERROR;
  ours = *theirs;
  ours.C_DeriveKey = slow_derive;
  ours.C_Login = counted_login;
  *list = &ours;
  return CKR_OK;
}
