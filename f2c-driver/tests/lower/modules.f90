function f(x)
  use, intrinsic :: iso_fortran_env, only: dp => real64
  use la_constants, only: zero => dzero, safmin => dsafmin
  use la_xisnan
  real(dp) :: f, x
  f = zero
  if (la_isnan(x)) f = safmin
end function
real(dp) function g(x)
  use, intrinsic :: iso_fortran_env, only: dp => real64
  real(dp) :: x
  g = x * 2.5_dp
end function
