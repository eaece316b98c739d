subroutine s
  integer, parameter :: wp = selected_real_kind(15)
  real(wp), parameter :: tsml = real(radix(0._wp), wp)**ceiling((minexponent(0._wp) - 1) * 0.5_wp)
  real, parameter :: third = 1.0 / 3.0
  integer, parameter :: n = max(3, 4) + 1
  integer a(max(n, 9))
  a(1) = n
end
