! Internal procedures of a procedure of a module, which use its arrays and a dummy procedure.
module mm
  integer :: cnt = 0
  real :: tab(3)
contains
  subroutine outer(a, n, f)
    integer, intent(in) :: n
    real, intent(inout) :: a(n, n)
    real, external :: f
    real :: w(n)
    integer :: i
    do i = 1, n
      w(i) = f(real(i))
    end do
    call inner
    call inner2(2)
    print *, a, w, cnt
  contains
    subroutine inner
      integer :: j
      do j = 1, n
        a(j, 1) = f(w(j)) + cnt
        cnt = cnt + 1
      end do
      tab = cnt
    end subroutine
    subroutine inner2(k)
      integer, intent(in) :: k
      a(k, k) = total() + k
    end subroutine
    real function total()
      integer :: i
      total = 0
      do i = 1, n
        total = total + w(i)
      end do
    end function
  end subroutine
end module
real function g(x)
  real x
  g = x*10
end
program p
  use mm
  real :: a(3,3)
  real, external :: g
  a = 1
  call outer(a, 3, g)
  print *, cnt, tab
  print '(a/a/a)', 'the', 'end', 'of it'
end
