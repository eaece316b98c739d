! Variables and procedures of modules.
module kinds
  implicit none
  integer, parameter :: dp = kind(1d0)
end module
module dat
  use kinds
  implicit none
  private
  public :: w, z, count_up, area, n, name, total
  integer, parameter :: n = 3
  real(dp) :: w(n) = (/ 1d0, 2d0, 3d0 /)
  real(dp), dimension(n) :: z
  integer, save :: counter = 5
  character(len=8) :: name = 'emshim'
  logical :: flag
contains
  subroutine count_up(by)
    integer, intent(in) :: by
    counter = counter + by
    flag = counter > 7
    if (flag) call note(counter)
  end subroutine count_up
  subroutine note(k)
    integer k
    print *, 'note', k, total()
  end subroutine
  real(dp) function area(r)
    real(dp), intent(in) :: r
    area = r*r*3
  end function
  integer function total() result(res)
    integer :: w
    w = 3
    res = counter + w
  end function
end module
! An internal procedure hides the module's of its name.
module names
  integer found
contains
  subroutine own()
    found = value() + other()
  contains
    integer function value()
      value = 1
    end function
  end subroutine
  integer function value()
    value = 20
  end function
  integer function other()
    other = 300
  end function
  subroutine modules()
    found = value() + other()
  end subroutine
end module
subroutine s(x)
  use dat
  real(8) :: x
  x = sum(w)
  z = w*2
  call count_up(2)
end subroutine
program p
  use dat, only: zz => z, area, name, up => count_up, total
  use names
  real(8) :: x
  call s(x)
  print *, x, zz, area(2d0), name
  call up(10)
  print *, total()
  call own
  print *, found
  call modules
  print *, found, value()
end program
