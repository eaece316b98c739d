! Arrays of constants in modules.
module params
  integer, parameter :: wp = selected_real_kind(15)
  integer, parameter :: nmax = 4
  real(wp), parameter :: c(nmax) = (/1.0_wp, 2.0_wp, 3.0_wp, 4.0_wp/)
  real(wp), parameter :: half = 1.0_wp/2.0_wp, tol = 1e-3_wp
  integer, parameter :: idx(2,2) = reshape((/1,2,3,4/),(/2,2/))
  character(len=3), parameter :: days(2) = (/'mon','tue'/)
end module
module state
  use params, only: wp, nmax
  real(wp), save :: s(nmax) = 0.0_wp
  integer, save :: m(2,2)
end module
subroutine upd(k)
  use params
  use state
  integer k
  s(k) = s(k) + c(k)*half
  m = k
end
program p
  use state
  use params, only: days, tol
  call upd(2)
  call upd(4)
  print *, s, m, days, tol
  print '(a/a/a)', 'the', 'end', 'of it'
end
